// Runs inside the extension host of a real VS Code: opens the fixture and asks the editor what it shows.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import * as vscode from "vscode";

const PATIENCE_MS = 30_000;

type Case = readonly [name: string, body: (bank: vscode.TextDocument) => Promise<void>];

/** Wait until a question about the editor has an answer that is not undefined. */
async function until<T>(what: string, ask: () => T | undefined | Promise<T | undefined>): Promise<T> {
  const end = Date.now() + PATIENCE_MS;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) {
      return answer;
    }
    assert.ok(Date.now() < end, `waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50)); // the editor has no event for most of this
  }
}

function findings(document: vscode.TextDocument): vscode.Diagnostic[] {
  return vscode.languages.getDiagnostics(document.uri).filter((item) => item.source === "vatdata-lint");
}

function shown(document: vscode.TextDocument): Promise<vscode.Diagnostic> {
  return until("the finding", () => findings(document)[0]);
}

function gone(document: vscode.TextDocument): Promise<true> {
  return until("the finding to go", () => (findings(document).length === 0 ? true : undefined));
}

/** The place of the planted fault, found in the text. */
function fault(document: vscode.TextDocument): vscode.Range {
  const wanted = "prepare_receipt(baggage)";
  const start = document.getText().indexOf(wanted);
  return new vscode.Range(document.positionAt(start), document.positionAt(start + wanted.length));
}

/** Wait until a start of the server answers, and so has checked the project. */
async function answering(count: number): Promise<void> {
  await until(`start ${String(count)} to answer`, async () => {
    if (starts().length < count) {
      return undefined;
    }
    try {
      const text = await vscode.commands.executeCommand<string>("vatdata.debugInformation");
      return text.includes(`server process ${String(starts().at(-1))},`) ? true : undefined;
    } catch {
      return undefined; // the command is there once the server runs
    }
  });
  assert.equal(starts().length, count);
}

/** How often the server was started: it is started by a script that notes its process ids. */
function starts(): number[] {
  const file = process.env["VATDATA_STARTS"];
  assert.ok(file !== undefined);
  return readFileSync(file, "utf8").trim().split("\n").map(Number);
}

const CASES: readonly Case[] = [
  [
    "the planted fault is shown at its range, with its rule's page and the way to it",
    async (bank) => {
      const finding = await shown(bank);
      assert.equal(findings(bank).length, 1);
      assert.deepEqual(finding.range, fault(bank));
      assert.equal(finding.severity, vscode.DiagnosticSeverity.Error);
      const { code } = finding;
      assert.ok(typeof code === "object");
      assert.equal(code.value, "VD103");
      assert.match(code.target.toString(), /prepare-after-await|VD103/);
      const files = (finding.relatedInformation ?? []).map((item) => item.location.uri.path.split("/").at(-1));
      assert.deepEqual(files, ["bank.py", "bank.py", "bank.py", "receipts.py"]);
    },
  ],
  [
    "hover on the call says in which crank it runs",
    async (bank) => {
      const hovers = await vscode.commands.executeCommand<vscode.Hover[]>(
        "vscode.executeHoverProvider",
        bank.uri,
        fault(bank).start,
      );
      const parts = hovers.flatMap((hover) => hover.contents);
      const text = parts.map((part) => (part instanceof vscode.MarkdownString ? part.value : ""));
      assert.match(text.join("\n"), /crank/);
    },
  ],
  [
    "a lens above the entry point counts the kinds of its first crank",
    async (bank) => {
      const lens = await until("a lens", async () => {
        const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>("vscode.executeCodeLensProvider", bank.uri, 5);
        return lenses.find((item) => item.command?.title.startsWith("first crank"));
      });
      assert.equal(lens.command?.title, "first crank: 2 kinds, 1 late");
      assert.equal(lens.range.start.line, bank.positionAt(bank.getText().indexOf("async def build_root_object")).line);
    },
  ],
  [
    "the quick fix removes the finding, and undo brings it back",
    async (bank) => {
      const actions = await vscode.commands.executeCommand<vscode.CodeAction[]>(
        "vscode.executeCodeActionProvider",
        bank.uri,
        fault(bank),
        vscode.CodeActionKind.QuickFix.value,
        5,
      );
      const fix = actions.find((action) => action.title.startsWith("Move it above line"));
      assert.ok(fix?.edit !== undefined, `offered: ${actions.map((action) => action.title).join(", ")}`);
      assert.ok(await vscode.workspace.applyEdit(fix.edit));
      await gone(bank);
      const text = bank.getText();
      assert.ok(text.indexOf("prepare_receipt(baggage)") < text.indexOf("await vat_powers"));
      await vscode.commands.executeCommand("undo");
      await shown(bank);
    },
  ],
  [
    "files that are not open are reported too",
    async (bank) => {
      const other = vscode.Uri.joinPath(bank.uri, "..", "teller.py");
      await vscode.workspace.fs.writeFile(other, Buffer.from(bank.getText().replaceAll("Receipt", "Slip")));
      await until("findings of the new file", () => (vscode.languages.getDiagnostics(other).length > 0 ? true : undefined));
      await vscode.workspace.fs.delete(other);
      await until("them to go", () => (vscode.languages.getDiagnostics(other).length === 0 ? true : undefined));
    },
  ],
  [
    "a changed setting restarts the server, which keeps to it",
    async (bank) => {
      const before = starts().length;
      const settings = vscode.workspace.getConfiguration("vatdata", bank.uri);
      await settings.update("ignore", ["VD103"], vscode.ConfigurationTarget.WorkspaceFolder);
      await answering(before + 1);
      assert.equal(findings(bank).length, 0);
      await settings.update("ignore", undefined, vscode.ConfigurationTarget.WorkspaceFolder);
      await answering(before + 2);
      await shown(bank);
    },
  ],
  [
    "a folder that is switched off has no findings and no server",
    async (bank) => {
      const before = starts().length;
      const settings = vscode.workspace.getConfiguration("vatdata", bank.uri);
      await settings.update("enable", false, vscode.ConfigurationTarget.WorkspaceFolder);
      await gone(bank);
      await settings.update("enable", undefined, vscode.ConfigurationTarget.WorkspaceFolder);
      await shown(bank);
      assert.equal(starts().length, before + 1);
    },
  ],
  [
    "debug information names the process that runs",
    async () => {
      await vscode.commands.executeCommand("vatdata.reportTrouble");
      const text = vscode.window.activeTextEditor?.document.getText() ?? "";
      assert.match(text, new RegExp(`server process ${String(starts().at(-1))}\\b`));
      await vscode.commands.executeCommand("workbench.action.revertAndCloseActiveEditor");
    },
  ],
  [
    "a server that does not answer is given up as soon as another one is wanted",
    async (bank) => {
      const settings = vscode.workspace.getConfiguration("vatdata", bank.uri);
      const usual = settings.get<string[]>("server");
      await settings.update("server", ["/bin/sleep", "1000"], vscode.ConfigurationTarget.Workspace);
      await gone(bank);
      await settings.update("server", undefined, vscode.ConfigurationTarget.Workspace);
      assert.deepEqual(vscode.workspace.getConfiguration("vatdata", bank.uri).get("server"), usual);
      await shown(bank);
    },
  ],
  [
    "a crash is followed by one new start, a second one by none until the user asks",
    async (bank) => {
      const before = starts().length;
      process.kill(Number(starts().at(-1)), "SIGKILL");
      await answering(before + 1);
      await shown(bank);
      process.kill(Number(starts().at(-1)), "SIGKILL");
      await gone(bank);
      await new Promise((resolve) => setTimeout(resolve, 2_000)); // nothing is to happen: a start takes less
      assert.equal(starts().length, before + 1);
      await vscode.commands.executeCommand("vatdata.restart");
      await shown(bank);
      assert.equal(starts().length, before + 2);
    },
  ],
];

/** Called by VS Code. Writes a report of every case to the file that VATDATA_REPORT names. */
export async function run(): Promise<void> {
  const report: Record<string, string> = {};
  const file = process.env["VATDATA_REPORT"];
  const folder = vscode.workspace.workspaceFolders?.[0];
  assert.ok(file !== undefined && folder !== undefined);
  try {
    const bank = await vscode.workspace.openTextDocument(vscode.Uri.joinPath(folder.uri, "bank.py"));
    await vscode.window.showTextDocument(bank);
    for (const [name, body] of CASES) {
      try {
        await body(bank);
        report[name] = "passed";
      } catch (error) {
        report[name] = error instanceof Error ? (error.stack ?? error.message) : String(error);
      }
    }
  } finally {
    writeFileSync(file, JSON.stringify(report, null, 1));
  }
}
