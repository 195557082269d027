#!/usr/bin/env bash
# Helix is not in Debian 12: installs Debian 13 with Helix into a folder (700 MB, two minutes, needs root).
# Usage: install_helix.sh FOLDER. Then: VATDATA_HELIX=FOLDER pytest tests/editors/test_terminal_editors.py
# The folders that the test needs inside are mounted by the test.
set -euo pipefail
folder=$(realpath -m "${1:?usage: install_helix.sh FOLDER}")
if ! command -v debootstrap >/dev/null; then
    apt-get update -qq
    apt-get install -y -qq debootstrap >/dev/null
fi
[ -x "$folder/usr/bin/hx" ] || debootstrap --variant=minbase --include=hx trixie "$folder" >"$folder.log" 2>&1 || {
    tail -20 "$folder.log"
    exit 1
}
chroot "$folder" hx --version
