// The item beside a Python file's language: which server runs, or why none does.
import * as vscode from "vscode";

/** The status item. */
export class Status implements vscode.Disposable {
  private readonly item = vscode.languages.createLanguageStatusItem("vatdata.status", { language: "python" });

  constructor() {
    this.item.name = "vatdata";
    this.starting();
  }

  starting(): void {
    this.set("vatdata", "starting", vscode.LanguageStatusSeverity.Information, true);
  }

  running(version: string, origin: string): void {
    this.set(`vatdata ${version}`.trim(), origin, vscode.LanguageStatusSeverity.Information);
  }

  off(): void {
    this.set("vatdata", "switched off (vatdata.enable)", vscode.LanguageStatusSeverity.Information);
  }

  failed(text: string): void {
    this.set("vatdata does not run", text, vscode.LanguageStatusSeverity.Error);
  }

  dispose(): void {
    this.item.dispose();
  }

  private set(text: string, detail: string, severity: vscode.LanguageStatusSeverity, busy = false): void {
    const failed = severity === vscode.LanguageStatusSeverity.Error;
    this.item.text = text;
    this.item.detail = detail;
    this.item.severity = severity;
    this.item.busy = busy;
    this.item.command = failed
      ? { title: "Restart", command: "vatdata.restart" }
      : { title: "Show Log", command: "vatdata.showLog" };
  }
}
