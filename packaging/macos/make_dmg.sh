#!/bin/bash
# Makes dist/lstm-studio-VERSION-macos-ARCH.dmg from "dist/LSTM Studio.app". dev.py package --installer calls:
#   bash packaging/macos/make_dmg.sh VERSION
# To sign and notarise, set
#   SIGNING_IDENTITY  "Developer ID Application: Name (TEAM)"; without it the program gets an ad-hoc signature
#   NOTARY_PROFILE    a profile that `xcrun notarytool store-credentials` has kept
set -eu

version=${1:?the version is missing: make_dmg.sh VERSION}
here=$(cd -- "$(dirname -- "$0")" && pwd)
dist=$(cd -- "$here/../.." && pwd)/dist
app="$dist/LSTM Studio.app"
image="$dist/lstm-studio-$version-macos-$(uname -m).dmg"
identity=${SIGNING_IDENTITY:--}

if [ ! -d "$app" ]; then
    echo "make_dmg.sh: there is no $app; run dev.py package --installer" >&2
    exit 2
fi

cp -- "$here/../../LICENSE" "$app/Contents/Resources/LICENSE.txt"

# The program first checks its libraries, so these are signed before it. A time stamp needs a real identity.
if [ "$identity" = "-" ]; then
    stamp=--timestamp=none
else
    stamp=--timestamp
fi
find "$app/Contents" -type f \( -name '*.dylib' -o -name '*.so' -o -perm -u+x \) ! -name '*.py' -print0 |
    while IFS= read -r -d '' file; do
        if file -b "$file" | grep -q 'Mach-O'; then
            codesign --force "$stamp" --options runtime --entitlements "$here/entitlements.plist" --sign "$identity" "$file"
        fi
    done
codesign --force "$stamp" --options runtime --entitlements "$here/entitlements.plist" --sign "$identity" "$app"
codesign --verify --deep --strict "$app"

stage=$(mktemp -d)
trap 'rm -rf -- "$stage"' EXIT
cp -R -- "$app" "$stage/"
ln -s /Applications "$stage/Applications"
rm -f -- "$image"
hdiutil create -volname "LSTM Studio $version" -srcfolder "$stage" -fs HFS+ -format UDZO -ov "$image"
if [ "$identity" != "-" ]; then
    codesign --force --timestamp --sign "$identity" "$image"
fi
if [ -n "${NOTARY_PROFILE-}" ]; then
    xcrun notarytool submit "$image" --keychain-profile "$NOTARY_PROFILE" --wait
    xcrun stapler staple "$image"
fi
echo "The disk image is $image"
