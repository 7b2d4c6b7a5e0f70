#!/bin/sh
# Puts LSTM Studio into the menu of this user, or takes it out again:
#   ./add-to-menu.sh
#   ./add-to-menu.sh --remove
set -eu
here=$(dirname -- "$(readlink -f -- "$0")")
data=${XDG_DATA_HOME:-$HOME/.local/share}
entry="$data/applications/lstm-studio.desktop"
icons="$data/icons/hicolor"

refresh() {
    if command -v update-desktop-database >/dev/null 2>&1; then
        update-desktop-database -q "$data/applications" || true
    fi
}

case "${1-}" in
--remove)
    rm -f -- "$entry"
    for folder in "$here"/share/icons/hicolor/*/apps; do
        size=$(basename -- "$(dirname -- "$folder")")
        rm -f -- "$icons/$size/apps/lstm-studio.png" "$icons/$size/apps/lstm-studio.svg"
        rmdir -- "$icons/$size/apps" "$icons/$size" 2>/dev/null || true
    done
    refresh
    # Nothing is left where there was nothing before.
    if [ -z "$(find "$data/applications" -name '*.desktop' 2>/dev/null)" ]; then
        rm -f -- "$data/applications/mimeinfo.cache"
    fi
    rmdir -- "$data/applications" "$icons" "$data/icons" 2>/dev/null || true
    ;;
"")
    mkdir -p -- "$data/applications"
    # In an Exec line a quoted path needs its \ " ` and $ escaped, and % doubled; the key's own escapes come on top.
    quoted=$(printf '%s' "$here/run.sh" | sed -e 's/[\\"`$]/\\&/g' -e 's/%/%%/g' -e 's/\\/\\\\/g')
    while IFS= read -r line; do
        case "$line" in
        Exec=*) printf 'Exec="%s" %%f\n' "$quoted" ;;
        TryExec=*) ;;
        *) printf '%s\n' "$line" ;;
        esac
    done <"$here/share/applications/lstm-studio.desktop" >"$entry"
    for folder in "$here"/share/icons/hicolor/*/apps; do
        size=$(basename -- "$(dirname -- "$folder")")
        mkdir -p -- "$icons/$size/apps"
        cp -- "$folder"/* "$icons/$size/apps/"
    done
    refresh
    ;;
*)
    echo "add-to-menu.sh: unknown argument: $1" >&2
    exit 2
    ;;
esac
