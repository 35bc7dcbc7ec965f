import { Console } from "node:console";

/** Until it is disposed, what modules write to the console goes to stderr: standard output is for what a command was asked for. */
export function consoleOnStderr(): Disposable {
  const own = globalThis.console;
  globalThis.console = new Console(process.stderr, process.stderr);
  return { [Symbol.dispose]: () => void (globalThis.console = own) };
}
