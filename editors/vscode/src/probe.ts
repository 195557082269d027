// What a program or a Python environment is like, found out without running anything of the workspace.
import { execFile } from "node:child_process";
import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import { homedir } from "node:os";
import * as path from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const PATIENCE_MS = 20_000;
const WINDOWS = process.platform === "win32";

/** What keeps an interpreter from running the server. */
export type Lack =
  | { readonly kind: "modules"; readonly missing: readonly string[] }
  | { readonly kind: "too old"; readonly version: string }
  | { readonly kind: "broken"; readonly reason: string };

// Imports nothing but the standard library, and finds modules without importing them: tens of milliseconds.
const QUESTION = `
import sys
if sys.version_info < (3, 11):
    print("old", ".".join(map(str, sys.version_info[:3])))
else:
    from importlib.util import find_spec
    print("missing", *[name for name in ("vatdata_lsp", "pygls", "libcst") if find_spec(name) is None])
`;

/** Return what an interpreter lacks to run the server, undefined when it can. Cost: one short Python process. */
export async function probeInterpreter(python: string): Promise<Lack | undefined> {
  try {
    // Python puts the working directory first on its path: in the home folder no workspace shadows a module.
    const { stdout } = await run(python, ["-c", QUESTION], { cwd: homedir(), timeout: PATIENCE_MS });
    const [word, ...rest] = stdout.trim().split(/\s+/);
    if (word === "old") {
      return { kind: "too old", version: rest.join(" ") };
    }
    if (word === "missing") {
      return rest.length > 0 ? { kind: "modules", missing: rest } : undefined;
    }
    return { kind: "broken", reason: "it does not answer as Python does" };
  } catch (error) {
    return { kind: "broken", reason: reasonOf(error) };
  }
}

/** Return the first program of one of these names on PATH, as an absolute path. */
export async function findOnPath(...names: string[]): Promise<string | undefined> {
  const folders = (process.env["PATH"] ?? "").split(path.delimiter);
  for (const name of names) {
    for (const folder of folders) {
      // A relative entry would mean the workspace's folder, which need not be trusted.
      const file = path.join(folder, WINDOWS ? `${name}.exe` : name);
      if (path.isAbsolute(folder) && (await isProgram(file))) {
        return file;
      }
    }
  }
  return undefined;
}

/** Say whether a file exists that can be run. */
export async function isProgram(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK);
    return (await stat(file)).isFile();
  } catch {
    return false; // the question was whether this works
  }
}

/** Return the interpreter of an environment's folder, whether it exists or not. */
export function interpreterIn(environment: string): string {
  return WINDOWS ? path.join(environment, "Scripts", "python.exe") : path.join(environment, "bin", "python");
}

/** Put an error in a few words. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) {
    return String(error);
  }
  const { code, stderr } = error as NodeJS.ErrnoException & { stderr?: string };
  if (code === "ENOENT") {
    return "there is no such program";
  }
  if (code === "EACCES") {
    return "it may not be run";
  }
  const lastLine = stderr?.trim().split("\n").at(-1);
  return lastLine !== undefined && lastLine !== "" ? lastLine : error.message;
}
