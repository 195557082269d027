// Messages about a server that cannot run: each is shown once, with what can be done about it.
import * as vscode from "vscode";
import type { Problem } from "./locate";
import { hasPythonExtension, SELECT_INTERPRETER } from "./python";

interface Remedy {
  readonly title: string;
  readonly command: string;
  readonly argument?: string;
}

const INSTALL: Remedy = { title: "Install", command: "vatdata.install" };
const SELECT: Remedy = { title: "Select Interpreter", command: SELECT_INTERPRETER };
const TRUST: Remedy = { title: "Manage Workspace Trust", command: "workbench.trust.manage" };
const RESTART: Remedy = { title: "Restart", command: "vatdata.restart" };
const LOG: Remedy = { title: "Show Log", command: "vatdata.showLog" };
const NEVER = "Not in This Workspace";
const SILENT = "vatdata.silent";

/** Shows a problem when it is new. */
export class Notifier {
  private last: string | undefined;

  /** @param memory - Remembers that the user does not want to hear of a missing server in this workspace. */
  constructor(private readonly memory: vscode.Memento) {}

  /** The problem is over: the next one is told, even if it is the same. */
  forget(): void {
    this.last = undefined;
  }

  /** The user asks: the answer is told, even if it is the same, and even if it was not wanted here before. */
  async speakAgain(): Promise<void> {
    this.forget();
    await this.memory.update(SILENT, undefined);
  }

  /** Say that there is no server to start. */
  missing(problem: Problem): void {
    if (problem.kind === "setting") {
      const settings = { title: "Open Settings", command: "workbench.action.openSettings", argument: problem.setting };
      this.show(problem.text, [...(problem.interpreter === undefined ? [] : [INSTALL]), settings, LOG]);
    } else if (this.memory.get(SILENT) !== true) {
      const remedies = problem.kind === "untrusted" ? [TRUST] : hasPythonExtension() ? [INSTALL, SELECT] : [INSTALL];
      this.show(problem.text, remedies, NEVER);
    }
  }

  /** Say that the server crashed and is not started again. */
  crashed(): void {
    this.show("The vatdata server ended unexpectedly, twice within three minutes. It is not started again by itself.", [
      RESTART,
      LOG,
    ]);
  }

  private show(text: string, remedies: readonly Remedy[], dismissal?: string): void {
    if (this.last === text) {
      return;
    }
    this.last = text;
    const titles = remedies.map((remedy) => remedy.title);
    void this.offer(text, remedies, dismissal === undefined ? titles : [...titles, dismissal]);
  }

  private async offer(text: string, remedies: readonly Remedy[], titles: readonly string[]): Promise<void> {
    const chosen = await vscode.window.showWarningMessage(text, ...titles);
    const remedy = remedies.find(({ title }) => title === chosen);
    if (remedy !== undefined) {
      await vscode.commands.executeCommand(
        remedy.command,
        ...(remedy.argument === undefined ? [] : [remedy.argument]),
      );
    } else if (chosen === NEVER) {
      await this.memory.update(SILENT, true);
    }
  }
}
