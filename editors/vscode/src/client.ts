// The language client, which tells its owner about trouble in place of the user.
import * as vscode from "vscode";
import {
  CloseAction,
  ErrorAction,
  LanguageClient,
  RevealOutputChannelOn,
  type LanguageClientOptions,
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
  }

  /** Log an error. The base class shows some of them, so that one crash would be told several times. */
  override error(message: string, data?: unknown): void {
    super.error(message, data, false);
  }
}
