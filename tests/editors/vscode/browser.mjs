// What both drivers share: Chromium at a page of VS Code.
import { createRequire } from "node:module";

const ARGUMENTS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Start Chromium with the playwright-core of a folder, and open an empty page. */
export async function openPage(modules) {
  const { chromium } = createRequire(`${modules}/`)("playwright-core");
  const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", headless: true, args: ARGUMENTS });
  return { browser, page: await browser.newPage({ viewport: { width: 1400, height: 900 } }) };
}

/** The address of VS Code with a folder open; payload as the workbench knows it. */
export function address(port, folder, payload) {
  return `http://127.0.0.1:${port}/?folder=${folder}&payload=${encodeURIComponent(JSON.stringify(payload))}`;
}

export function remote(port, path) {
  return `vscode-remote://127.0.0.1:${port}${path}`;
}
