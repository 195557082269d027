// Installs the server into a Python environment, in a terminal where the user sees it.
import * as path from "node:path";
import * as vscode from "vscode";
import { findOnPath, interpreterIn } from "./probe";

const PACKAGE = "vatdata[lsp]";

/**
 * Install the server, into a new `.venv` of the first folder where no interpreter is given.
 *
 * @returns Whether it was installed. What went wrong stands in the terminal.
 */
export async function installServer(interpreter: string | undefined): Promise<boolean> {
  const folder = vscode.workspace.workspaceFolders?.[0];
  let python = interpreter;
  if (python === undefined) {
    const base = await findOnPath("python3", "python");
    if (base === undefined || folder === undefined) {
      void vscode.window.showErrorMessage(
        base === undefined
          ? "There is no Python on PATH. Install Python 3.11 or newer, then restart the vatdata server."
          : "Open a folder first: the vatdata server is installed into its .venv.",
      );
      return false;
    }
    const environment = path.join(folder.uri.fsPath, ".venv");
    if (!(await succeeds("create .venv", base, ["-m", "venv", environment]))) {
      return false;
    }
    python = interpreterIn(environment);
  }
  return succeeds("install server", python, ["-m", "pip", "install", PACKAGE]);
}

async function succeeds(name: string, program: string, args: string[]): Promise<boolean> {
  const scope = vscode.workspace.workspaceFolders?.[0] ?? vscode.TaskScope.Workspace;
  // A process and not a shell line: nothing in a path needs quotes.
  const execution = new vscode.ProcessExecution(program, args);
  const task = new vscode.Task({ type: "process" }, scope, name, "vatdata", execution);
  task.presentationOptions = { reveal: vscode.TaskRevealKind.Always, panel: vscode.TaskPanelKind.Shared };
  const ended = new Promise<number | undefined>((resolve) => {
    const listener = vscode.tasks.onDidEndTaskProcess((event) => {
      if (event.execution.task.name === name && event.execution.task.source === "vatdata") {
        listener.dispose();
        resolve(event.exitCode);
      }
    });
  });
  await vscode.tasks.executeTask(task);
  return (await ended) === 0;
}
