#!/bin/sh
# Starts LSTM Studio from the folder that this script lies in; arguments are those of lstm-studio.
here=$(dirname -- "$(readlink -f -- "$0")")
exec "$here/program/lstm-studio" "$@"
