// Keeps one server running, or says once why there is none.
import * as vscode from "vscode";
import { State } from "vscode-languageclient/node";
import { VatdataClient } from "./client";
import { locateServer, type Problem, type Server } from "./locate";
import { Notifier } from "./notifier";
import { reasonOf } from "./probe";
import { Status } from "./status";

const QUIET_MS = 300;
const ANSWER_MS = 30_000;
const CRASH_WINDOW_MS = 180_000;

/**
 * Owns the server.
 *
 * Starts and stops come one after the other, whoever asks for them. A server that crashes is started again once;
 * when it crashes again within three minutes it stays down, until the user or a setting asks for it. One that does not
 * answer has crashed, too.
 */
export class Controller implements vscode.Disposable {
  private readonly status = new Status();
  private readonly notifier: Notifier;
  private client: VatdataClient | undefined;
  private work: Promise<void> = Promise.resolve();
  private timer: NodeJS.Timeout | undefined;
  private lastCrash = -Infinity;

  constructor(
    private readonly log: vscode.LogOutputChannel,
    memory: vscode.Memento,
  ) {
    this.notifier = new Notifier(memory);
  }

  /** The problem that keeps the server from running. */
  problem: Problem | undefined;

  /** Start for the first time. */
  async start(): Promise<void> {
    await this.restartFor("a Python project is open");
  }

  /** Restart because the user asked: what was told before is told again. */
  async restart(): Promise<void> {
    await this.notifier.speakAgain();
    this.lastCrash = -Infinity;
    await this.restartFor("the user asked");
  }

  /** Restart when it has been quiet for a moment: settings often change several at a time. */
  restartSoon(reason: string): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.lastCrash = -Infinity;
      void this.restartFor(reason);
    }, QUIET_MS);
  }

  /** Stop the server; nothing starts it again. */
  async stop(): Promise<void> {
    clearTimeout(this.timer);
    this.abandon();
    await this.enqueue(() => this.end());
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.status.dispose();
  }

  /** Give up a server that is being waited for, so that whoever waits goes on. */
  private abandon(): void {
    const client = this.client;
    if (client?.state === State.Starting) {
      this.client = undefined; // its end is no crash
      client.kill();
    }
  }

  private async restartFor(reason: string): Promise<void> {
    this.abandon();
    await this.enqueue(async () => {
      this.log.info(`Starting the server: ${reason}.`);
      await this.end();
      await this.begin();
    });
  }

  private enqueue(step: () => Promise<void>): Promise<void> {
    this.work = this.work.then(step).catch((error: unknown) => {
      this.log.error(`Unexpected: ${reasonOf(error)}`);
      this.status.failed(reasonOf(error));
    });
    return this.work;
  }

  private async begin(): Promise<void> {
    this.problem = undefined;
    if (!isWanted()) {
      this.status.off();
      return;
    }
    this.status.starting();
    const found = await locateServer();
    if ("kind" in found) {
      this.problem = found;
      this.log.error(found.text);
      this.status.failed(found.text);
      this.notifier.missing(found);
      return;
    }
    await this.run(found);
  }

  private async run(server: Server): Promise<void> {
    this.log.info(`Server: ${[server.command, ...server.args].join(" ")}`);
    const client = new VatdataClient(server, this.log, () => {
      this.crashed(client);
    });
    this.client = client;
    const timer = setTimeout(() => {
      this.log.error(`The server did not answer within ${String(ANSWER_MS / 1000)} seconds.`);
      client.kill();
    }, ANSWER_MS);
    try {
      await client.start();
    } catch (error) {
      this.log.error(`The server did not start: ${reasonOf(error)}`);
      this.crashed(client); // unless the closed connection told it already
      return;
    } finally {
      clearTimeout(timer);
    }
    if (this.client === client) {
      await setRunning(true);
      this.status.running(client.initializeResult?.serverInfo?.version ?? "", server.origin);
      this.notifier.forget();
    }
  }

  private crashed(client: VatdataClient): void {
    if (this.client !== client) {
      return; // it was told already, or a newer one is there
    }
    this.client = undefined;
    void setRunning(false);
    const now = Date.now();
    const again = now - this.lastCrash < CRASH_WINDOW_MS;
    this.lastCrash = now;
    if (again) {
      this.status.failed("The server ended unexpectedly, twice within three minutes.");
      this.notifier.crashed();
    } else {
      void this.restartFor("it ended unexpectedly");
    }
  }

  private async end(): Promise<void> {
    const client = this.client;
    this.client = undefined;
    await setRunning(false);
    if (client?.state === State.Running) {
      try {
        await client.dispose();
      } catch (error) {
        this.log.warn(`The server did not end in time: ${reasonOf(error)}`);
      }
    }
  }
}

/** Say whether any folder is to be checked; the server leaves out the others itself. */
function isWanted(): boolean {
  const folders: readonly (vscode.WorkspaceFolder | undefined)[] = vscode.workspace.workspaceFolders ?? [undefined];
  return folders.some((folder) => vscode.workspace.getConfiguration("vatdata", folder?.uri).get<boolean>("enable", true));
}

/** Tell the menus whether the server's commands exist. */
async function setRunning(value: boolean): Promise<void> {
  await vscode.commands.executeCommand("setContext", "vatdata.running", value);
}
