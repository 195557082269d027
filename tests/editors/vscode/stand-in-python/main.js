// Answers as the Python extension does: https://github.com/microsoft/vscode-python/wiki/Python-Environment-APIs
const vscode = require("vscode");

exports.activate = (context) => {
  const settings = vscode.workspace.getConfiguration("standIn");
  const changed = new vscode.EventEmitter();
  let selected = settings.get("first");
  context.subscriptions.push(
    changed,
    vscode.commands.registerCommand("python.setInterpreter", () => {
      selected = settings.get("next");
      changed.fire({ id: selected, path: selected, resource: undefined });
    }),
  );
  return {
    environments: {
      getActiveEnvironmentPath: () => ({ id: selected, path: selected }),
      resolveEnvironment: async ({ path }) => ({ id: path, path, executable: { uri: vscode.Uri.file(path) } }),
      onDidChangeActiveEnvironmentPath: changed.event,
    },
  };
};
