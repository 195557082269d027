// node host.mjs MODULES PORT FOLDER EXTENSION SUITE: run a suite inside the extension host of VS Code.
import { address, openPage, remote } from "./browser.mjs";

const [modules, port, folder, extension, suite] = process.argv.slice(2);
const { browser, page } = await openPage(modules);
const ended = Promise.withResolvers();
await page.exposeFunction("codeAutomationLog", (kind, args) => console.log(kind, ...args));
await page.exposeFunction("codeAutomationExit", (code) => ended.resolve(code));
const payload = [
  ["extensionDevelopmentPath", remote(port, extension)],
  ["extensionTestsPath", remote(port, suite)],
  ["skipWelcome", "true"],
];
await page.goto(address(port, folder, payload), { waitUntil: "domcontentloaded" });
const timer = setTimeout(() => ended.resolve("no answer in time"), 110_000);
const code = await ended.promise;
clearTimeout(timer);
await browser.close();
if (code !== 0) {
  console.log(`the suite ended with ${code}`);
  process.exitCode = 1;
}
