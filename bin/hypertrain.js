#!/usr/bin/env node
// Starts hypertrain on a Node that can run it. Only syntax and modules of Node 12 here, so that an old Node says what to do
// instead of failing on a token it does not know.
import { spawn } from "child_process";
import fs from "fs";
import module from "module";
import path from "path";
import tty from "tty";
import { fileURLToPath, pathToFileURL } from "url";

const NEEDED = 24;
const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const ofParent = process.env.HYPERTRAIN_PARENT === "1"; // a launcher, or a command that works with several processes
delete process.env.HYPERTRAIN_PARENT;
process.env.ORT_DISABLE_TELEMETRY = process.env.ORT_DISABLE_TELEMETRY || "1"; // before any thread copies the environment

const newer = majorOf(process.versions.node) < NEEDED && !ofParent ? newerNode() : undefined;
if (majorOf(process.versions.node) >= NEEDED) run();
else if (newer !== undefined) relaunch(newer);
else fail(2, sentenceForOldNode());

function run() {
  if (ofParent) endWithParent();
  module.enableCompileCache(); // halves the start-up; Node keeps the cache in the system's temporary folder
  const main = [path.join(root, "src/cli/main.ts"), path.join(root, "dist/cli/main.js")].find(fs.existsSync);
  if (main === undefined) {
    fail(
      2,
      "hypertrain must be built before it runs, but dist/ is missing: run `npm run build` in " + root + ".",
    );
    return;
  }
  import(pathToFileURL(main).href)
    .then((cli) =>
      cli.main(process.argv.slice(2)).then((code) => {
        process.exitCode = code;
        return cli.endAtOnce;
      }),
    )
    .catch((error) => fail(1, error instanceof Error ? error.stack : String(error)))
    .then(end);
}

/**
 * Ends the process where something that a module left open, such as a timer, would keep it alive. Not before pipes have taken all that was written,
 * which process.exit would cut off; and a process that can end by itself does.
 *
 * @param last what ends it behind the last that listens for its end; absent where the command could not be loaded
 */
function end(last) {
  const written = [process.stdout, process.stderr].map(
    (stream) => new Promise((resolve) => stream.write("", resolve)),
  );
  const exit = () => {
    if (last !== undefined) process.once("exit", last);
    process.exit();
  };
  Promise.all(written).then(() => setTimeout(exit, 500).unref());
}

/** The `node` package (`npm install node@24`) of this package or of a project around it. */
function newerNode() {
  for (let folder = root, parent; ; folder = parent) {
    const home = path.join(folder, "node_modules/node");
    const binary = ["bin/node.exe", "bin/node"].map((name) => path.join(home, name)).find(fs.existsSync);
    if (binary !== undefined && majorOf(versionOf(home)) >= NEEDED) return binary;
    parent = path.dirname(folder);
    if (parent === folder) return undefined;
  }
}

function relaunch(node) {
  const child = spawn(node, [fileURLToPath(import.meta.url)].concat(process.argv.slice(2)), {
    stdio: ["inherit", "inherit", "inherit", "ipc"],
    env: Object.assign({}, process.env, { HYPERTRAIN_PARENT: "1" }),
  });
  // A terminal sends Ctrl-C to the child as well; anything else signals this process alone.
  const terminal = [0, 1, 2].some((fd) => tty.isatty(fd));
  process.on("SIGINT", () => terminal || child.kill("SIGINT"));
  process.on("SIGTERM", () => child.kill("SIGTERM"));
  process.on("SIGHUP", () => child.kill("SIGHUP"));
  child.on("error", (error) =>
    fail(2, sentenceForOldNode() + " (" + node + " did not start: " + error.message + ")"),
  );
  child.on("exit", (code, signal) => {
    if (signal === null) {
      process.exitCode = code;
      return;
    }
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

/** A process must not train on when the one that started it is killed with SIGKILL, which nothing can forward: it stops in good order. */
function endWithParent() {
  if (process.channel === undefined) return;
  process.once("disconnect", () => process.kill(process.pid, "SIGTERM"));
  process.channel.unref();
}

function sentenceForOldNode() {
  return (
    "hypertrain needs Node " +
    NEEDED +
    " or later, but found " +
    process.versions.node +
    ": run `npm install node@" +
    NEEDED +
    "` in your project, or install it from https://nodejs.org."
  );
}

function fail(code, message) {
  process.stderr.write(message + "\n");
  process.exitCode = code;
}

function versionOf(home) {
  try {
    return JSON.parse(fs.readFileSync(path.join(home, "package.json"), "utf8")).version;
  } catch {
    return "0";
  }
}

function majorOf(version) {
  return Number(String(version).split(".")[0]);
}
