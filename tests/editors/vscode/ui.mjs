// node ui.mjs MODULES PORT FOLDER FILE LINE:COLUMN SCENARIO SHOTS: do what a user does, print what is seen as JSON, keep pictures.
import { existsSync, readFileSync } from "node:fs";
import { address, openPage, remote } from "./browser.mjs";

const [modules, port, folder, file, fault, scenario, shots] = process.argv.slice(2);
const PATIENCE = { timeout: 45_000 };
const { browser, page } = await openPage(modules);
const seen = {};

const shot = async (name) => {
  await page.waitForTimeout(400); // let animations end: for people only, nothing depends on it
  await page.screenshot({ path: `${shots}/${scenario}-${name}.png` });
};
const texts = async (selector) => (await page.locator(selector).allInnerTexts()).map((text) => text.replaceAll("\u00a0", " "));
const line = (text) => page.locator(".monaco-editor .view-line", { hasText: text }).first();
const goToFault = async () => {
  await page.keyboard.press("Control+1"); // the editor gets the keyboard
  await page.keyboard.press("Control+g");
  await page.locator(".quick-input-widget input").fill(`:${fault}`);
  await page.keyboard.press("Enter");
  await page.locator(".quick-input-widget").waitFor({ state: "hidden", ...PATIENCE });
};
const toasts = () => texts(".notification-toast .notification-list-item-message");

const scenarios = {
  /** Squiggle, lens, Problems, hover, quick fix, undo, and a setting. */
  async everyday() {
    await page.locator(".squiggly-error").first().waitFor(PATIENCE);
    seen.squiggles = await page.locator(".squiggly-error").count();
    await page.locator(".codelens-decoration a").first().waitFor(PATIENCE);
    seen.lenses = await texts(".codelens-decoration");
    await page.keyboard.press("Control+Shift+M");
    await page.locator(".markers-panel .monaco-list-row").first().waitFor(PATIENCE);
    await page.locator(".markers-panel .monaco-list-row", { hasText: "VD103" }).first().waitFor(PATIENCE);
    seen.problems = await texts(".markers-panel .monaco-list-row");
    await goToFault();
    await shot("1-squiggle-lens-problems");

    await page.locator(".codelens-decoration a").first().click();
    await page.locator(".quick-input-list .monaco-list-row").first().waitFor(PATIENCE);
    seen.lensTitle = await page.locator(".quick-input-title").innerText();
    seen.lensAnswer = await texts(".quick-input-list .monaco-list-row");
    await shot("2-lens-clicked");
    await page.keyboard.press("Escape");

    await goToFault();
    await page.keyboard.press("Control+k");
    await page.keyboard.press("Control+i");
    await page.locator(".monaco-hover .hover-row:visible").first().waitFor(PATIENCE);
    await page.waitForFunction(() => /crank/.test(document.querySelector(".monaco-resizable-hover")?.innerText ?? ""));
    seen.hover = await texts(".monaco-resizable-hover .hover-row");
    await shot("3-hover");
    await page.keyboard.press("Escape");

    await goToFault();
    await page.keyboard.press("Control+.");
    await page.locator(".action-widget .monaco-list-row", { hasText: "Move it above" }).waitFor(PATIENCE);
    seen.offered = await texts(".action-widget .monaco-list-row");
    await shot("4-quick-fix-offered");
    await page.locator(".action-widget .monaco-list-row", { hasText: "Move it above" }).click();
    await page.locator(".squiggly-error").first().waitFor({ state: "detached", ...PATIENCE });
    await page.locator(".codelens-decoration a", { hasText: /2 kinds$/ }).waitFor(PATIENCE);
    seen.afterFix = await texts(".monaco-editor .view-lines .view-line");
    seen.problemsAfterFix = await texts(".markers-panel .monaco-list-row");
    await shot("5-fixed");
  },

  /** The server's own status, in the menu beside the language. */
  async status() {
    await page.locator(".squiggly-error").first().waitFor(PATIENCE);
    await page.locator("#status\\.languageStatus").hover();
    await page.locator(".hover-language-status").first().waitFor(PATIENCE);
    seen.status = await texts(".hover-language-status");
    await shot("1-status");
  },

  /** No server can be started: one message, whatever is typed. */
  async trouble() {
    await page.locator(".notification-toast").first().waitFor(PATIENCE);
    seen.first = await toasts();
    seen.actions = await texts(".notification-toast .notification-list-item-buttons-container .monaco-button");
    await shot("1-message");
    await goToFault();
    await page.keyboard.type(" ");
    await page.waitForTimeout(3_000); // nothing is to happen
    seen.later = await toasts();
  },

  /** The server does not answer: it is given up twice, then told. */
  async silence() {
    await page.locator(".notification-toast", { hasText: "vatdata" }).first().waitFor({ timeout: 90_000 });
    seen.messages = await toasts();
    seen.starts = readFileSync(process.env.VATDATA_STARTS, "utf8").trim().split("\n").length;
  },

  /** The server crashes whenever it is started: one message after the second time. */
  async crash() {
    await page.locator(".notification-toast", { hasText: "vatdata" }).first().waitFor(PATIENCE);
    await page.waitForTimeout(4_000); // nothing more is to happen
    seen.messages = await toasts();
    seen.actions = await texts(".notification-toast .notification-list-item-buttons-container .monaco-button");
    seen.starts = readFileSync(process.env.VATDATA_STARTS, "utf8").trim().split("\n").length;
    await shot("1-message");
  },

  /** The selected interpreter has no server, until the user selects another from the message. */
  async selected() {
    await page.locator(".notification-toast", { hasText: "was not found" }).first().waitFor(PATIENCE);
    seen.messages = await toasts();
    seen.actions = await texts(".notification-toast .notification-list-item-buttons-container .monaco-button");
    await shot("1-message");
    await page.locator(".notification-toast .monaco-button", { hasText: "Select Interpreter" }).click();
    await page.locator(".squiggly-error").first().waitFor(PATIENCE);
    seen.squiggles = await page.locator(".squiggly-error").count();
    seen.messagesLater = await toasts();
  },

  /** A workspace that is not trusted, until the user trusts it. */
  async untrusted() {
    await page.locator(".notification-toast", { hasText: "not trusted" }).first().waitFor(PATIENCE);
    seen.messages = await toasts();
    seen.started = existsSync(process.env.VATDATA_STARTS);
    await shot("1-restricted");
    await page.locator(".notification-toast .monaco-button", { hasText: "Manage Workspace Trust" }).click();
    await page.locator(".workspace-trust-editor .monaco-button", { hasText: /^Trust$/ }).first().click();
    await page.locator(".squiggly-error").first().waitFor({ state: "attached", ...PATIENCE });
    seen.startedWhenTrusted = existsSync(process.env.VATDATA_STARTS);
  },

  /** The message that offers to install is followed until there is a squiggle. */
  async install() {
    await page.locator(".notification-toast", { hasText: "was not found" }).first().waitFor(PATIENCE);
    seen.messages = await toasts();
    await shot("1-offered");
    await page.locator(".notification-toast .monaco-button", { hasText: "Install" }).click();
    await page.locator(".squiggly-error").first().waitFor({ timeout: 150_000 });
    seen.squiggles = await page.locator(".squiggly-error").count();
    await shot("2-installed");
  },
};

try {
  await page.goto(address(port, folder, [["openFile", remote(port, file)]]), { waitUntil: "domcontentloaded" });
  await line("make_receipt").waitFor({ timeout: 60_000 });
  await scenarios[scenario]();
} catch (error) {
  await page.screenshot({ path: `${shots}/${scenario}-failed.png` });
  seen.error = String(error);
  process.exitCode = 1;
} finally {
  await browser.close();
  console.log(JSON.stringify(seen));
}
