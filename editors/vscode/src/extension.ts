// Starts the vatdata server and shows what it says.
import * as vscode from "vscode";
import { Controller } from "./controller";
import { installServer } from "./install";
import { reasonOf } from "./probe";
import { onInterpreterChange } from "./python";

let controller: Controller | undefined;

export function activate(context: vscode.ExtensionContext): void {
  const log = vscode.window.createOutputChannel("vatdata", { log: true });
  const owner = new Controller(log, context.workspaceState);
  controller = owner;
  context.subscriptions.push(
    log,
    owner,
    vscode.commands.registerCommand("vatdata.restart", () => owner.restart()),
    vscode.commands.registerCommand("vatdata.showLog", () => {
      log.show();
    }),
    vscode.commands.registerCommand("vatdata.install", async () => {
      const problem = owner.problem;
      if (await installServer(problem?.kind === "untrusted" ? undefined : problem?.interpreter)) {
        await owner.restart();
      }
    }),
    vscode.commands.registerCommand("vatdata.listFirstCrank", async () => {
      const uri = vscode.window.activeTextEditor?.document.uri;
      if (uri !== undefined) {
        await vscode.commands.executeCommand("vatdata.showFirstCrank", uri.toString());
      }
    }),
    vscode.commands.registerCommand("vatdata.reportTrouble", async () => {
      const content = await vscode.commands.executeCommand<string>("vatdata.debugInformation");
      await vscode.window.showTextDocument(await vscode.workspace.openTextDocument({ content, language: "plaintext" }));
    }),
    // Also what is wrong at activation may come right here: VS Code rewrites outdated settings while it starts.
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration("vatdata")) {
        owner.restartSoon("a setting changed");
      }
    }),
    vscode.workspace.onDidGrantWorkspaceTrust(() => {
      owner.restartSoon("the workspace is trusted now");
    }),
  );
  // Not awaited: neither a server that is slow to start nor the Python extension delays the commands.
  void owner.start();
  void followInterpreter(context, owner, log);
}

/** Restart whenever another interpreter is selected. */
async function followInterpreter(
  context: vscode.ExtensionContext,
  owner: Controller,
  log: vscode.LogOutputChannel,
): Promise<void> {
  try {
    const listener = await onInterpreterChange(() => {
      owner.restartSoon("another interpreter was selected");
    });
    if (listener !== undefined) {
      context.subscriptions.push(listener);
    }
  } catch (error) {
    log.error(`The Python extension does not answer: ${reasonOf(error)}`);
  }
}

export async function deactivate(): Promise<void> {
  await controller?.stop();
}
