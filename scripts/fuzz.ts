/**
 * Throws mutated tables, new rows for `predict`, configurations, flags and `--hyper` texts at the command line. Every case must end within 30 s with exit code
 * 0, 1 or 2 and, unless 0, with one sentence behind `error:`; never with a stack trace, a signal or "this is a bug".
 *
 *     node scripts/fuzz.ts [--cases N] [--seed N] [--kind table|predict|config|flags|hyper] [--only CASE]
 *
 * A case is a function of the seed and its number; `--only` runs one again and shows what it printed. Exits with 1 if a case fails.
 */
import { fork, type ChildProcess } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { gzipSync } from "node:zlib";

import { fieldNames, fields, flagOf } from "../src/cli/config/fields.ts";
import type { Field } from "../src/cli/config/fields/field.ts";
import { randomKey, randomUniform } from "../src/util/random.ts";

const LIMIT_MS = 30_000;
const CASES_A_CHILD = 100; // a child runs cases in its own process, which grows

/** What to run, in a folder that holds these files. */
interface Case {
  readonly argv: readonly string[];
  readonly files: Readonly<Record<string, string | Uint8Array>>;
}

/** What came of it. */
interface Ending {
  readonly code: number | string;
  readonly said: string;
}

/** Draws of one case: numbers on [0, 1), and what follows from them. */
function drawsOf(seed: number, number: number) {
  const key = randomKey(seed, "fuzz");
  let at = 0;
  let block: Float64Array = new Float64Array();
  const next = (): number => {
    if (at % 64 === 0) block = Float64Array.from(randomUniform(key, 1000 * number + at / 64, 64));
    return block[at++ % 64] as number;
  };
  const below = (n: number): number => Math.floor(next() * n);
  const oneOf = <T>(list: readonly T[]): T => list[below(list.length)] as T;
  return { next, below, oneOf };
}

type Draws = ReturnType<typeof drawsOf>;

const nastyNumbers = ["0", "-1", "1", "2", "0.5", "1e-300", "1e300", "1e999", "-0", "NaN", "Infinity", "9007199254740993", "1000000000", "-1e9", "0x10", "1_000", "١"]; // prettier-ignore
const nastyTexts = ["", " ", "~", "null", "undefined", "__proto__", "constructor", "toString", "a".repeat(5000), "\u0000", "\u001b[31mred", "💥", "../../..", "/dev/null", "%s%n", "'; DROP", "a,b", "a=b", "1:2..3", "true", "[]", "{}"]; // prettier-ignore

/** A text with a few places changed: characters dropped, doubled or put in, lines moved about, the end cut off. */
function mutated(draws: Draws, text: string, times: number): string {
  const { below, oneOf } = draws;
  const pieces = [...nastyNumbers, ...nastyTexts, ",", ";", "\t", "|", '"', "'", "\n", "\r\n", "\r", "#", "\ufeff", "−", "1.234,5", "$3", "50%", "?", "NA", "2024-02-30", "∞"]; // prettier-ignore
  for (let i = 0; i < times; i++) {
    const place = below(text.length + 1);
    const end = Math.min(text.length, place + 1 + below(8));
    text = [
      () => text.slice(0, place) + text.slice(end),
      () => text.slice(0, end) + text.slice(place),
      () => text.slice(0, place) + oneOf(pieces) + text.slice(place),
      () => text.slice(0, place) + oneOf(pieces) + text.slice(end),
      () => text.slice(0, place),
      () => shuffledLine(draws, text),
    ][below(i === 0 ? 6 : 4)]?.() as string;
  }
  return text;
}

function shuffledLine({ below }: Draws, text: string): string {
  const lines = text.split("\n");
  const [line = ""] = lines.splice(below(lines.length), 1);
  lines.splice(below(lines.length + 1), 0, line);
  return lines.join("\n");
}

/** A sound table: numbers, a text, missing values, and a target of numbers or of classes. */
function soundTable({ next, below, oneOf }: Draws): string {
  const separator = oneOf([",", ";", "\t"]);
  const classes = next() < 0.5;
  const change = next() < 0.5 ? oneOf(odd) : (lines: (string | number)[][]) => lines;
  const rows = Array.from({ length: 20 + below(60) }, (_, i) => {
    const x = next() * 10 - 5;
    const y = classes ? (x + next() > 0 ? "yes" : "no") : (2 * x + next()).toFixed(3);
    return [i, x.toFixed(2), oneOf(["red", "green", "blue", ""]), next() < 0.1 ? "NA" : below(100), y];
  });
  const lines = change([["id", "x", "colour", "age", "y"], ...rows]);
  return lines.map((row) => row.join(separator)).join("\n") + "\n";
}

/** What a spreadsheet or a hurried hand leaves in a table. */
const odd: readonly ((lines: readonly (readonly (string | number)[])[]) => (string | number)[][])[] = [
  (lines) => [...lines.map((line) => [...line]), ["Total", ...(lines[0] ?? []).slice(1).map(() => 1e6)]],
  (lines) => [["Report", ...(lines[0] ?? []).slice(1).map(() => "")], ...lines.map((line) => [...line])],
  (lines) => lines.map((line, i) => line.map((cell, j) => (i > 0 && j === 1 ? `${cell} kg` : cell))),
  (lines) =>
    lines.map((line, i) => line.map((cell, j) => (i > 0 && j === 1 ? `${cell} ${"kgt"[i % 3]}` : cell))),
  (lines) => lines.map((line, i) => line.map((cell, j) => (i > 0 && j === 3 ? `${cell}%` : cell))),
  (lines) => lines.map((line, i) => line.map((cell, j) => (i % 7 === 3 && j === 1 ? "#DIV/0!" : cell))),
  (lines) => lines.map((line, i) => line.map((cell, j) => (i % 7 === 3 && j === 0 ? `#${cell}` : cell))),
  (lines) => lines.map((line, i) => [...line, i === 0 ? "day" : `${1 + (i % 28)}/${1 + (i % 12)}/2024`]),
  (lines) => lines.map((line, i) => [...line, i === 0 ? "at" : `${i % 24}:${10 + (i % 50)}`]),
  (lines) => lines.map((line, i) => [...line, i === 0 ? "x" : i]), // a name twice
  (lines) => lines.map((line, i) => [...line, i === 0 ? "said" : `"${i}\nsaid ""no"""`]),
  (lines) => lines.map((line) => [...line].reverse()),
];

const quick = ["--no-baseline", "--time", "2s", "--epochs", "3", "--quiet", "--out", "run"];
const small = ["--data", "wine", "--hidden", "4"];

const kinds: Readonly<Record<string, (draws: Draws) => Case>> = {
  table(draws) {
    const { next, below, oneOf } = draws;
    const text = mutated(draws, soundTable(draws), below(4));
    const encode = oneOf([
      (s: string): Uint8Array => Buffer.from(s, "utf8"),
      (s: string) => Buffer.from(s, "utf8"),
      (s: string) => Buffer.from(s, "utf8"),
      (s: string) => Buffer.from(s, "latin1"),
      (s: string) => Buffer.from(`\ufeff${s}`, "utf16le"),
      (s: string) => gzipSync(s),
    ]);
    const files = { "t.csv": encode(text) };
    const dates = next() < 0.3 ? ["--dates", "parts"] : [];
    const target = next() < 0.9 ? "y" : oneOf(nastyTexts);
    if (next() < 0.7) return { argv: ["inspect", "t.csv", "--target", target, ...dates], files };
    const table = ["--data", "./t.csv", "--target", target, ...dates];
    return { argv: ["tune", ...table, "--model", "linear", ...quick], files };
  },
  predict(draws) {
    const { next, below, oneOf } = draws;
    const text = mutated(draws, soundTable(draws), below(4));
    const where = oneOf([[], ["--out", "a.csv"], ["--json"], ["--separator", oneOf([",", ";", "x", ""])]]);
    return { argv: ["predict", next() < 0.95 ? modelRun : ".", "t.csv", ...where], files: { "t.csv": text } };
  },
  config(draws) {
    const { next, below, oneOf } = draws;
    const sound = {
      data: "wine",
      hidden: [4],
      epochs: 2,
      seed: 1,
      hyper: { l2: { start: 0.01, log: true } },
    };
    const nasty = () => oneOf<unknown>([...nastyNumbers.map(Number), ...nastyTexts, null, true, [], {}, [[1]], { start: 1 }]); // prettier-ignore
    const changed = Object.fromEntries(
      Array.from({ length: 1 + below(3) }, () => [oneOf(fieldNames), nasty()] as const),
    );
    const whole = JSON.stringify({ ...sound, ...changed });
    const text = next() < 0.5 ? whole : mutated(draws, whole, 1 + below(3));
    return { argv: ["tune", "c.json", ...quick], files: { "c.json": text } };
  },
  flags(draws) {
    const { next, below, oneOf } = draws;
    const flags = Array.from({ length: 1 + below(3) }, () => {
      const name = oneOf(fieldNames.filter((field) => field !== "download"));
      const { argument }: Field = fields[name];
      const nasty = next() < 0.6 ? oneOf(nastyNumbers) : oneOf(nastyTexts);
      const value = next() < 0.5 ? oneOf(["1", "3", "0.1", "0.01", "20", "auto", "none"]) : nasty;
      return argument === undefined ? [flagOf(name)] : [`${flagOf(name)}=${value}`];
    });
    const command =
      next() < 0.9 ? "tune" : oneOf(["resume", "response", "compare", "inspect", "doctor", "tun"]);
    return { argv: [command, ...small, ...quick, ...flags.flat()], files: {} };
  },
  hyper(draws) {
    const { next, below, oneOf } = draws;
    const name = oneOf(["dropout.input", "dropout.*", "l2", "l1.fc1", "l2.each", "lr", "momentum", "width.fc1", "activation.fc1", oneOf(nastyTexts)]); // prettier-ignore
    const number = (...usual: string[]) => (next() < 0.8 ? oneOf(usual) : oneOf(nastyNumbers));
    const range = `:${number("0", "1e-6", "0.01")}..${number("0.5", "0.9", "1")}`;
    const sound = `${name}=${number("0.1", "0.05", "0.3")}${next() < 0.7 ? range : ""}${next() < 0.4 ? `,${oneOf(["log", "discrete", "scale=0.1", "scale=-1", "tuneScale=false", "perturb=minibatch", "x", "log=1"])}` : ""}`;
    const text = next() < 0.6 ? sound : mutated(draws, sound, 1 + below(3));
    const method = oneOf(["delta-stn", "stn", "random", "unrolled", "tpe", "hyper-training", "fixed"]);
    return { argv: ["tune", ...small, ...quick, "--method", method, `--hyper=${text}`], files: {} };
  },
};

/** A child that runs command lines in its own process, one after the other. */
function startChild(): ChildProcess {
  return fork(import.meta.filename, [], {
    env: { ...process.env, HYPERTRAIN_FUZZ_CHILD: "1" },
    silent: true,
  });
}

async function serve(): Promise<void> {
  const { main } = await import("../src/cli/main.ts");
  process.on("message", ({ argv, folder }: { argv: string[]; folder: string }) => {
    process.chdir(folder);
    main(argv).then(
      (code) => process.send?.({ code }),
      (error: Error) => process.send?.({ code: `threw ${error.stack}` }),
    );
  });
  process.send?.("ready");
}

/** Runs one case in a child; the child does not outlive one that ends badly. */
function run(child: ChildProcess, { argv, files }: Case): Promise<Ending> {
  const folder = mkdtempSync(join(tmpdir(), "hypertrain-fuzz-"));
  mkdirSync(folder, { recursive: true });
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  let said = "";
  const hear = (chunk: Buffer) => (said = (said + chunk.toString()).slice(-20_000));
  child.stderr?.on("data", hear);
  return new Promise<Ending>((resolve) => {
    const timer = setTimeout(() => end("no end within 30 s"), LIMIT_MS);
    const end = (code: number | string) => {
      clearTimeout(timer);
      child.off("message", onMessage).off("exit", onExit);
      setTimeout(() => {
        child.stderr?.off("data", hear);
        rmSync(folder, { recursive: true, force: true });
        resolve({ code, said });
      }, 5); // what the pipe still holds
    };
    const onMessage = (message: unknown) => end((message as { code: number | string }).code);
    const onExit = (code: number | null, signal: string | null) => end(code ?? `killed by ${signal}`);
    child.on("message", onMessage).on("exit", onExit);
    child.send({ argv, folder });
  });
}

/** The run whose model answers for new rows. */
const modelRun = join(tmpdir(), `hypertrain-fuzz-model-${process.pid}`);

async function trainModel(child: ChildProcess): Promise<void> {
  const rows = Array.from(
    { length: 40 },
    (_, i) => `${i},${i % 7},${["red", "blue", ""][i % 3]},${i % 11},${i % 2}`,
  );
  const files = { "t.csv": `id,x,colour,age,y\n${rows.join("\n")}\n` };
  const out = [...quick.slice(0, -1), modelRun];
  const argv = ["tune", "--data", "./t.csv", "--target", "y", "--model", "linear", ...out];
  const { code, said } = await run(child, { argv, files });
  if (code !== 0) throw new Error(`the model must be trained, but ended with ${code}: ${said}`);
}

/** Why an ending is none that a user should see; nothing where it is. */
function faultOf({ code, said }: Ending): string | undefined {
  if (typeof code === "string") return code;
  if (![0, 1, 2].includes(code)) return `exit code ${code}`;
  if (/this is a bug/.test(said)) return "a bug is admitted";
  if (/^\s+at .*(:\d+:\d+|\(node:)/m.test(said)) return "a stack trace";
  if (code !== 0 && said.split("\n").filter((line) => line.startsWith("error: ")).length !== 1) {
    return "not one sentence behind error:";
  }
  return undefined;
}

async function fuzz(): Promise<number> {
  const { values } = parseArgs({
    options: Object.fromEntries(
      ["cases", "seed", "kind", "only"].map((name) => [name, { type: "string" as const }]),
    ),
  }) as { values: Partial<Record<"cases" | "seed" | "kind" | "only", string>> };
  const seed = Number(values.seed ?? 1);
  const names = values.kind === undefined ? Object.keys(kinds) : [values.kind];
  const numbers =
    values.only === undefined
      ? Array.from({ length: Number(values.cases ?? 2000) }, (_, i) => i)
      : [Number(values.only)];
  const counts: Record<string, number> = {};
  let faults = 0;
  let child = startChild();
  const ready = (started: ChildProcess) => new Promise((resolve) => started.once("message", resolve));
  await ready(child);
  if (names.includes("predict")) await trainModel(child);
  for (const [i, number] of numbers.entries()) {
    const kind = names[number % names.length] as string;
    const tried = (kinds[kind] as (draws: Draws) => Case)(drawsOf(seed, number));
    const ending = await run(child, tried);
    const fault = faultOf(ending);
    counts[`${kind} ${ending.code}`] = (counts[`${kind} ${ending.code}`] ?? 0) + 1;
    if (fault !== undefined || values.only !== undefined) {
      const shown = tried.argv.map((part) => JSON.stringify(part.slice(0, 120))).join(" ");
      process.stdout.write(`case ${number} (${kind}): ${fault ?? "sound"}\n  ${shown}\n`);
      process.stdout.write(`  ${ending.said.trim().slice(-1500).replace(/\n/g, "\n  ")}\n`);
      if (values.only !== undefined) console.log(tried.files);
    }
    if (fault !== undefined) faults++;
    if (fault !== undefined || child.exitCode !== null || (i + 1) % CASES_A_CHILD === 0) {
      child.kill("SIGKILL");
      child = startChild();
      await ready(child);
    }
  }
  child.kill("SIGKILL");
  rmSync(modelRun, { recursive: true, force: true });
  process.stdout.write(`${JSON.stringify(counts)}\n${numbers.length - faults} passed, ${faults} failed\n`);
  return faults === 0 ? 0 : 1;
}

if (process.env.HYPERTRAIN_FUZZ_CHILD === "1") await serve();
else process.exitCode = await fuzz();
