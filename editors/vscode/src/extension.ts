// Starts the vatdata server and shows what it says.
import * as vscode from "vscode";
import { Controller } from "./controller";
import { installServer } from "./install";
import { onInterpreterChange } from "./python";

let controller: Controller | undefined;

export async function activate(context: vscode.ExtensionContext): Promise<void> {
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
  await owner.start();
  const interpreterListener = await onInterpreterChange(() => {
    owner.restartSoon("another interpreter was selected");
  });
  if (interpreterListener !== undefined) {
    context.subscriptions.push(interpreterListener);
  }
}

export async function deactivate(): Promise<void> {
  await controller?.stop();
}
