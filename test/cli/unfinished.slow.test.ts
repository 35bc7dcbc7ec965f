/** Work that ends neither well nor badly: nothing is left that Node waits for. */
import { on, once } from "node:events";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

import { afterEach, expect, test, vi } from "vitest";

import { inputError } from "../../src/util/error.ts";
import { loadNetwork } from "../../src/cli/modules/network-module.ts";
import { settled } from "../../src/cli/modules/settled.ts";
import { call, start, untilLines, useFolder } from "./command.ts";

useFolder();

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const never = "new Promise(() => {})";

test.each([
  [
    "a network",
    ["--data", "digits", "--model", "own.mjs"],
    `export default () => ${never};`,
    "make a network",
  ],
  ["a network's module", ["--data", "digits", "--model", "own.mjs"], `await ${never};`, "load as a module"],
  ["a problem", ["own.mjs"], `export default ${never};`, "load as a module"],
])("%s that never comes is bad input", async (_, argv, text, must) => {
  writeFileSync("own.mjs", text);
  const { code, stdout, stderr } = await start("tune", ...argv, "--json").finished;
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toMatch(new RegExp(`^error: \\S*own\\.mjs must ${must}.*, but .*never finished.*\\n$`));
});

test("any other command that awaits what never comes fails", async () => {
  const finished = call("tune", "none.mjs");
  process.emit("beforeExit", 0); // what Node says when it waits for nothing
  const { code, stderr } = await finished;
  expect(code).toBe(1);
  expect(stderr).toMatch(/^error: the command must end with a result, but it awaits what never comes/);
});

test("the innermost work says how it ended", async () => {
  const never = new Promise<void>(() => {});
  const inner = () =>
    settled(
      () => never,
      () => inputError("inner"),
    );
  const outer = settled(inner, () => inputError("outer"));
  process.emit("beforeExit", 0);
  await expect(outer).rejects.toThrow("inner");
  expect(process.listenerCount("beforeExit")).toBe(0);
});

test.each([
  ["module", "slow-module.mjs", `process.emit("reached"); await ${never};`, "slow-module.mjs still loads: "],
  [
    "function",
    "slow-function.mjs",
    `export default () => process.emit("reached") && ${never};`,
    "slow-function.mjs still makes its network: ",
  ],
])("a %s that takes long is named once", async (_, file, text, line) => {
  writeFileSync(file, text);
  const told: string[] = [];
  vi.spyOn(process.stderr, "write").mockImplementation((said) => told.push(String(said)) > 0);
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const loaded = loadNetwork(file, { input: [2], outputs: 2 }, "wine");
  const ended = expect(loaded).rejects.toThrow("never finished");
  await once(process, "reached");
  vi.advanceTimersByTime(9_999);
  expect(told).toEqual([]);
  vi.advanceTimersByTime(60_000);
  expect(told).toEqual([expect.stringMatching(new RegExp(`^${line}.*\\n$`))]);
  process.emit("beforeExit", 0);
  await ended;
});

test("work that ends in time is not told of", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  expect(await settled(() => Promise.resolve(3), unneeded, "still")).toBe(3);
  expect(vi.getTimerCount()).toBe(0);
});

const unneeded = () => inputError("unneeded");

const curve = readFileSync(new URL("../../examples/my-problem.ts", import.meta.url), "utf8");
const tiny = ["--epochs", "1", "--threads", "1", "--no-baseline", "--out", "run", "--quiet"];

/** The example of a problem with more code behind it, and within its loss. */
function writeProblem({ top = "", inLoss = "" }: { readonly top?: string; readonly inLoss?: string }): void {
  const loss = "loss: (prediction, { y }) =>";
  writeFileSync("own.ts", `${curve.replace(loss, `${loss} ${inLoss}`)}\n${top}`);
}

test.each([
  [
    "a problem that ends the process",
    "process.exit(0);",
    ["tune", "own.ts"],
    /^error: \S*own\.ts must load as a module, but ended the/,
  ],
  [
    "a network that ends the process",
    "export default () => process.exit(0);",
    ["tune", "--data", "digits", "--model", "own.ts"],
    /^error: \S*own\.ts must make a network for digits, but its function ended the process; take out/,
  ],
  [
    "a problem that throws at its top level",
    '\nthrow new Error("no room\\nat all");',
    ["tune", "own.ts"],
    /^error: \S*own\.ts must load as a module, but threw: no room at all \(at \S*own\.ts:2\)\n$/,
  ],
  [
    "a problem that does not parse",
    "\nconst const a = 1;",
    ["tune", "own.ts"],
    /^error: \S*own\.ts must load as a module, but threw: [^\n]+ \(at \S*own\.ts:2\)\n$/,
  ],
  [
    "a network that cannot be made",
    '\nexport default () => { throw new Error("no room"); };',
    ["tune", "--data", "digits", "--model", "own.ts"],
    /^error: \S*own\.ts must make a network for digits, but it threw: no room \(at \S*own\.ts:2\)\n$/,
  ],
])("%s ends with a sentence that says so", async (_, text, argv, sentence) => {
  writeFileSync("own.ts", text);
  const { code, stdout, stderr } = await start(...argv).finished;
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toMatch(sentence);
});

test.each([
  ["command", []],
  ["search in a store", ["--store", "s.db", "--method", "random"]],
])("a loss that ends the process is bad input of a %s", async (_, more) => {
  writeProblem({ inLoss: "process.exit(0) ||" });
  const { code, stderr } = await start("tune", "own.ts", ...tiny.slice(2), ...more).finished;
  expect(code).toBe(2);
  expect(stderr).toMatch(
    /^error: \S*own\.ts must have functions that return, but one of them ended the process; take out what calls process\.exit\n$/,
  );
  expect(readdirSync(".")).toEqual(["own.ts"]);
});

test("a loss that ends the process once a run has a folder leaves none behind", async () => {
  writeProblem({
    top: 'import { existsSync } from "node:fs";',
    inLoss: '(existsSync("run") && process.exit(0)) ||',
  });
  const { code, stderr } = await start("tune", "own.ts", ...tiny).finished;
  expect(code).toBe(2);
  expect(stderr).toMatch(
    /^error: the command must end with a result, but code of a module .* process\.exit\n$/,
  );
  expect(readdirSync(".")).toEqual(["own.ts"]);
});

test.each([
  ["a timer", 'throw new Error("later");', "later \\(at \\S*own\\.mjs:1\\)"],
  ["a promise", 'void Promise.reject(new Error("later"));', "later \\(at \\S*own\\.mjs:1\\)"],
  ["a promise that tells no more than words", 'void Promise.reject("later");', "later"],
])("what %s of a module throws that nobody awaits is bad input", async (_, code, told) => {
  writeFileSync("own.mjs", `setTimeout(() => { ${code} }); await ${never};`);
  const { code: rc, stdout, stderr } = await start("tune", "own.mjs").finished;
  expect({ rc, stdout }).toEqual({ rc: 2, stdout: "" });
  expect(stderr).toMatch(
    new RegExp(
      `^error: what a module leaves running, such as a timer or a promise, must not fail, but threw: ${told}; catch it there\\n$`,
    ),
  );
});

test("what a module throws in the midst of a run leaves a run folder that goes on", async () => {
  writeProblem({
    top: 'import { existsSync } from "node:fs"; setInterval(() => { if (existsSync("run/checkpoint/previous.safetensors")) throw new Error("later"); }, 20);',
  });
  const args = ["--epochs", "1000000", "--threads", "1", "--no-baseline", "--out", "run"];
  const { code, stderr } = await start("tune", "own.ts", ...args).finished;
  expect(code).toBe(2);
  expect(stderr).toMatch(
    /\nerror: what a module leaves running, .* threw: later \(at \S*own\.ts:\d+\); catch/,
  );
  expect(stderr).toMatch(/resume with: hypertrain resume run\n/);
  expect(readdirSync("run")).not.toContain("lock");
});

test("a module that leaves a timer keeps no command from ending, nor its reader from all that was said", async () => {
  const said = "x".repeat(2 ** 21);
  writeProblem({ top: 'setInterval(() => {}, 1000); process.stdout.write("x".repeat(2 ** 21));' });
  const { child, finished } = start("tune", "own.ts", ...tiny, "--json");
  child.stdout?.pause();
  await untilLines("run/report.html", 1);
  await sleep(1500); // for a process that would not wait for its reader
  child.stdout?.resume();
  const { code, stdout } = await finished;
  expect(code).toBe(0);
  expect(stdout.slice(0, said.length)).toBe(said);
  expect(JSON.parse(stdout.slice(said.length))).toHaveProperty("best");
});

test.each([
  ["tune", ["tune", "own.ts", ...tiny, "--json"]],
  ["compare", ["compare", "own.ts", "--methods", "fixed", "--time", "1s", "--json"]],
])("what a module of %s writes to the console goes to stderr", async (_, argv) => {
  writeProblem({ top: 'console.log("said"); console.table([{ a: 1 }]);' });
  const { code, stdout, stderr } = await start(...argv).finished;
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toBeTypeOf("object");
  expect(stderr).toMatch(/^said$/m);
});

const forever = 'process.stderr.write("reached\\n"); while (true);';
const search = ["--method", "random", "--store", "s.db"];

test.each([
  ["top level", { top: forever }, []],
  ["loss", { inLoss: `(() => { ${forever} })() ||` }, []],
  ["loss, in a search of a store", { inLoss: `(() => { ${forever} })() ||` }, search],
])("a signal ends a command whose module goes round for ever in its %s", async (_, code, more) => {
  writeProblem(code);
  const { child, finished } = start("tune", "own.ts", ...tiny.slice(2), ...more);
  await reached(child);
  child.kill("SIGINT");
  expect((await finished).code).toBeNull();
});

test("a signal ends a command whose module makes a network that goes round for ever", async () => {
  const network = readFileSync(new URL("../../examples/my-network.ts", import.meta.url), "utf8");
  writeFileSync("own.ts", network.replace("apply(at, x, act) {", `$& ${forever}`));
  const { child, finished } = start("tune", "--data", "digits", "--model", "own.ts", ...search);
  await reached(child);
  child.kill("SIGINT");
  expect((await finished).code).toBeNull();
});

test.each([
  ["top level", { top: `if (process.argv.includes("resume")) { ${forever} }` }],
  ["loss", { inLoss: `(() => { if (process.argv.includes("resume")) { ${forever} } })() ||` }],
])("a signal that ends a run's module in its %s leaves no lock behind", async (_, code) => {
  writeProblem(code);
  expect((await start("tune", "own.ts", ...tiny).finished).code).toBe(0);
  const { child, finished } = start("resume", "run", "--epochs", "2", "--quiet");
  await reached(child);
  child.kill("SIGINT");
  expect((await finished).code).toBeNull();
  expect(existsSync("run/lock")).toBe(false);
});

test("a signal ends workers whose module goes round for ever", async () => {
  writeProblem({ inLoss: `(() => { if (process.argv.includes("work")) { ${forever} } })() ||` });
  const { child, finished } = start("tune", "own.ts", "--trials", "2", ...search);
  await reached(child);
  child.kill("SIGINT");
  expect((await finished).code).toBe(130);
});

/** Until a module says that it is where it stays. */
async function reached({ stderr }: ReturnType<typeof start>["child"]): Promise<void> {
  for await (const [said] of on(stderr as NodeJS.EventEmitter, "data")) {
    if (String(said).includes("reached")) return;
  }
}

test.skipIf(process.platform === "win32")(
  "a command whose onnxruntime is at work as it ends, ends with its code and no crash",
  async () => {
    const here = JSON.stringify(import.meta.url);
    writeFileSync(
      "busy.mjs",
      `import { createRequire } from "node:module";
      import { parentPort } from "node:worker_threads";
      const { InferenceSession } = createRequire(${here})("onnxruntime-node");
      const bytes = new Uint8Array(2 ** 27); // takes long to read, and is no model
      bytes.set([0x7a, 0xfb, 0xff, 0xff, 0x3f]);
      parentPort.postMessage("busy");
      for (;;) await InferenceSession.create(bytes).catch(() => {});`,
    );
    writeFileSync(
      "own.mjs",
      `import { once } from "node:events";
      import { Worker } from "node:worker_threads";
      process.on("exit", () => console.error("heard"));
      await once(new Worker(new URL("busy.mjs", import.meta.url)), "message");
      throw new Error("on purpose");`,
    );
    expect(await start("tune", "own.mjs").finished).toEqual({
      ...{ code: 2, stdout: "" },
      stderr: expect.stringMatching(
        /^error: \S*own\.mjs must load as a module, but threw: on purpose \(at .*\)\nheard\n$/,
      ),
    });
  },
);
