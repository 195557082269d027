// The language client, which tells its owner about trouble in place of the user.
import * as vscode from "vscode";
import {
  CloseAction,
  ErrorAction,
  LanguageClient,
  RevealOutputChannelOn,
  type LanguageClientOptions,
  MessageType,
  ShowMessageNotification,
  type ShowMessageParams,
} from "vscode-languageclient/node";
import type { Server } from "./locate";

/** A client of one run of the server. It is never started again: the next run has a client of its own. */
export class VatdataClient extends LanguageClient {
  /**
   * @param server - What to start.
   * @param log - Where everything is written.
   * @param closed - Called when the server ended without having been asked to.
   */
  constructor(server: Server, log: vscode.LogOutputChannel, closed: () => void) {
    const options: LanguageClientOptions = {
      documentSelector: [{ scheme: "file", language: "python" }],
      diagnosticPullOptions: { onChange: true, onSave: true },
      outputChannel: log,
      traceOutputChannel: log,
      revealOutputChannelOn: RevealOutputChannelOn.Never,
      initializationFailedHandler: () => false,
      errorHandler: {
        error: () => ({ action: ErrorAction.Continue, handled: true }),
        closed: () => {
          closed();
          return { action: CloseAction.DoNotRestart, handled: true, message: "The server ended." };
        },
      },
    };
    super("vatdata", "vatdata", { command: server.command, args: [...server.args] }, options);
    this.onNotification(ShowMessageNotification.type, (message) => {
      void showMessage(message);
    });
  }

  /** End the process without a word, for one that does not answer. */
  kill(): void {
    this.serverProcess?.kill("SIGKILL");
  }

  /** Log an error. The base class shows some of them, so that one crash would be told several times. */
  override error(message: string, data?: unknown): void {
    super.error(message, data, false);
  }
}

/** Show a message of the server. VS Code puts messages on one line: one that has several is shown as a list. */
async function showMessage({ type, message }: ShowMessageParams): Promise<void> {
  const [title = "", ...lines] = message.split("\n").map((line) => line.trim());
  if (lines.length > 0 && type === MessageType.Info) {
    await vscode.window.showQuickPick(lines, { title });
  } else if (type === MessageType.Error) {
    await vscode.window.showErrorMessage(message);
  } else if (type === MessageType.Warning) {
    await vscode.window.showWarningMessage(message);
  } else {
    await vscode.window.showInformationMessage(message);
  }
}
