// The language client of VS Code's own makers: most of the code that we ship, so it is a bundle of its own that is loaded when the
// server starts, and activation does not wait for it.
export {
  DidChangeConfigurationNotification,
  LanguageClient,
  State,
  WorkDoneProgress,
} from 'vscode-languageclient/node';
