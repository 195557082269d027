// Bundles the extension, or with --test the suite that runs inside the editor's extension host.
import { build } from "esbuild";

const test = process.argv.includes("--test");

await build({
  entryPoints: [test ? "test/suite.ts" : "src/extension.ts"],
  outfile: test ? "dist/test/suite.js" : "dist/extension.js",
  bundle: true,
  external: ["vscode"],
  format: "cjs",
  legalComments: "none",
  logLevel: "warning",
  minify: process.argv.includes("--production"),
  platform: "node",
  sourcemap: test ? "inline" : false,
  target: "node20",
});
