// Where the server is: the user's setting, else the Python environment, else PATH.
import { homedir } from "node:os";
import * as path from "node:path";
import * as vscode from "vscode";
import { findOnPath, interpreterIn, isProgram, type Lack, probeInterpreter } from "./probe";
import { selectedInterpreter } from "./python";

const ABSENT = "The vatdata server was not found";
const UNTRUSTED =
  "vatdata does not run the Python environment of a workspace that is not trusted, and its server is not on PATH.";

/** A command that starts the server, and in words where it was found. */
export interface Server {
  readonly command: string;
  readonly args: readonly string[];
  readonly origin: string;
}

/**
 * Why there is no server.
 *
 * - `setting`: the user's own setting does not work; nothing else is tried in its place.
 * - `absent`: it is nowhere.
 * - `untrusted`: the workspace's environment must not be run, and there is no other.
 *
 * `interpreter` is where it could be installed.
 */
export type Problem =
  | { readonly kind: "setting"; readonly setting: string; readonly text: string; readonly interpreter?: string }
  | { readonly kind: "absent"; readonly text: string; readonly interpreter?: string }
  | { readonly kind: "untrusted"; readonly text: string };

/** Find the server. Cost: at most one short Python process. */
export async function locateServer(): Promise<Server | Problem> {
  const folder = vscode.workspace.workspaceFolders?.[0];
  const settings = vscode.workspace.getConfiguration("vatdata", folder?.uri);
  const [program, ...args] = settings.get<string[]>("server", []).map((word) => expand(word, folder));
  if (program !== undefined && program !== "") {
    return fromCommand(program, args);
  }
  // Restricted settings have the user's own value, not the workspace's, until the workspace is trusted.
  const interpreter = expand(settings.get<string>("interpreter", ""), folder);
  if (interpreter !== "") {
    return fromInterpreterSetting(interpreter);
  }
  const environment = vscode.workspace.isTrusted ? await environmentOf(folder) : undefined;
  const lack = environment === undefined ? undefined : await probeInterpreter(environment);
  if (environment !== undefined && lack === undefined) {
    return inEnvironment(environment);
  }
  const onPath = await findOnPath("vatdata-lsp");
  if (onPath !== undefined) {
    return { command: onPath, args: [], origin: `${onPath} (PATH)` };
  }
  if (!vscode.workspace.isTrusted) {
    return { kind: "untrusted", text: UNTRUSTED };
  }
  if (environment === undefined || lack === undefined) {
    return { kind: "absent", text: `${ABSENT}: no Python environment is selected, and it is not on PATH.` };
  }
  const text = `${ABSENT}: ${environment} ${inWords(lack)}, and it is not on PATH.`;
  return { kind: "absent", text, ...installable(environment, lack) };
}

/** Put the home folder for a leading `~`, and the first folder for `${workspaceFolder}`. */
function expand(word: string, folder: vscode.WorkspaceFolder | undefined): string {
  const atHome = word === "~" || word.startsWith("~/") ? homedir() + word.slice(1) : word;
  return folder === undefined ? atHome : atHome.replaceAll("${workspaceFolder}", folder.uri.fsPath);
}

async function fromCommand(program: string, args: readonly string[]): Promise<Server | Problem> {
  const setting = "vatdata.server";
  const command = path.isAbsolute(program) ? program : await findOnPath(program);
  if (command !== undefined && (await isProgram(command))) {
    return { command, args, origin: `setting ${setting}` };
  }
  return { kind: "setting", setting, text: `The setting ${setting} does not work: there is no program ${program}.` };
}

async function fromInterpreterSetting(interpreter: string): Promise<Server | Problem> {
  const setting = "vatdata.interpreter";
  const lack = await probeInterpreter(interpreter);
  if (lack === undefined) {
    return inEnvironment(interpreter);
  }
  const text = `The setting ${setting} does not work: ${interpreter} ${inWords(lack)}.`;
  return { kind: "setting", setting, text, ...installable(interpreter, lack) };
}

/** Say what an interpreter lacks, as the end of a sentence about it. */
function inWords(lack: Lack): string {
  switch (lack.kind) {
    case "modules":
      return `has no ${lack.missing.join(", no ")}`;
    case "too old":
      return `is Python ${lack.version}, older than 3.11`;
    case "broken":
      return `does not run (${lack.reason})`;
  }
}

/** Name an interpreter as the place to install the server into, where that would help. */
function installable(interpreter: string, lack: Lack): { interpreter?: string } {
  return lack.kind === "modules" ? { interpreter } : {};
}

function inEnvironment(python: string): Server {
  // -P: else a module of the workspace that is named like one of the standard library would be imported.
  return { command: python, args: ["-P", "-m", "vatdata_lsp"], origin: python };
}

/** Return the interpreter of the user's choice, else that of the folder's `.venv`. */
async function environmentOf(folder: vscode.WorkspaceFolder | undefined): Promise<string | undefined> {
  const selected = await selectedInterpreter(folder?.uri);
  if (selected !== undefined || folder === undefined) {
    return selected;
  }
  const local = interpreterIn(path.join(folder.uri.fsPath, ".venv"));
  return (await isProgram(local)) ? local : undefined;
}
