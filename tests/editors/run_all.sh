#!/usr/bin/env bash
# Tries vatdata in every editor that can be had here, and says what was skipped and why. Usage: run_all.sh [FOLDER]
# Installs what is missing: packages from Debian (as root), PyPI and npm, VS Code and Helix into FOLDER (about 2 GB, kept for
# the next time). Pictures of VS Code and Kate go to FOLDER/shots, or where VATDATA_SHOTS says. About ten minutes, the second
# time four.
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
folder=$(realpath -m "${1:-${XDG_CACHE_HOME:-$HOME/.cache}/vatdata-editors}")
mkdir -p "$folder"
export VATDATA_SHOTS=${VATDATA_SHOTS:-$folder/shots}
skipped=()
failed=()

note() { printf '\n== %s\n' "$1"; }
# try NAME COMMAND...: what cannot be installed is skipped, not failed
try() {
    local name=$1
    shift
    note "install $name"
    "$@" || skipped+=("$name: could not be installed, see above")
}

if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
    debian=(emacs-nox elpa-eglot elpa-lsp-mode vim vim-ale tmux kate xvfb xdotool dbus imagemagick)
    if ! dpkg -s "${debian[@]}" >/dev/null 2>&1; then
        apt-get update -qq
        try "Emacs, Vim, Kate" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${debian[@]}"
    fi
    try "VS Code" "$here/install_vscode.sh" "$folder/vscode"
    try "Helix" "$here/install_helix.sh" "$folder/helix"
else
    skipped+=("installing from Debian: needs apt-get and root; what is on the machine is used")
fi
[ -x "$folder/vscode/node" ] && export VATDATA_VSCODE=$folder/vscode
[ -x "$folder/helix/usr/bin/hx" ] && export VATDATA_HELIX=$folder/helix

note "install vatdata"
[ -x "$folder/venv/bin/python" ] || python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check -e "$root[dev,editors]" || exit 1
rm -rf "$folder/wheels"
"$folder/venv/bin/python" -m build --wheel --outdir "$folder/wheels" "$root" >"$folder/build.log" 2>&1 || cat "$folder/build.log"
export VATDATA_WHEELS=$folder/wheels

note "the VS Code extension: lint, types, package"
PATH="${VATDATA_VSCODE:+$VATDATA_VSCODE/venv/bin:}$PATH" "$here/check_vscode.sh" || failed+=("the VS Code extension's checks")

note "real editors"
(cd "$root" && "$folder/venv/bin/python" -m pytest -n0 -vv -rs -m '' tests/editors) || failed+=("tests in real editors")

note "not tried anywhere"
echo "Sublime Text, Zed, PyCharm: not in the registries that this uses; their folders hold a configuration each"
note "summary"
for line in "${skipped[@]}"; do echo "skipped: $line"; done
for line in "${failed[@]}"; do echo "failed: $line"; done
echo "pictures: $VATDATA_SHOTS"
[ ${#failed[@]} -eq 0 ]
