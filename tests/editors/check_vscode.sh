#!/usr/bin/env bash
# Checks the VS Code extension without VS Code: lint, strict types, package, its size. Needs Node 20 or newer.
set -euo pipefail
cd "$(dirname "$0")/../../editors/vscode"
if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
    echo "skipped: no node"
    exit 0
fi
if grep -n '"resolved"' package-lock.json; then
    echo "package-lock.json names the registry of one machine: run npm install with the .npmrc beside it" >&2
    exit 1
fi
npm ci --no-audit --no-fund --loglevel=error
npm run --silent check
npm run --silent package
size=$(wc -c <vatdata-vscode.vsix)
echo "vatdata-vscode.vsix: $size bytes"
if [ "$size" -ge 200000 ]; then
    echo "the package must stay below 200 kB: see what the bundle holds" >&2
    exit 1
fi
