/**
 * Steps of convolutional networks, beside PyTorch and beside an earlier checkout of this project, in turns.
 *
 *     node bench/networks.ts NETWORK plain|delta [--threads 2] [--rounds 8] [--peer] [--python /usr/bin/python3] [--before DIR] [--save FILE]
 *
 * Processor time is what a step takes of all cores together: with `--threads 1` it holds on a machine that has other work. `--before` names a checkout, with its node_modules, into which bench/network-steps.ts has been copied.
 */
import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { loadavg } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    threads: { type: "string", default: "2" },
    rounds: { type: "string", default: "8" },
    peer: { type: "boolean", default: false },
    python: { type: "string", default: "python3" },
    before: { type: "string" },
    save: { type: "string" },
  },
});
const [network = "cnn", method = "plain"] = positionals;
const here = import.meta.dirname;

interface Subject {
  readonly name: string;
  readonly firstMs: number;
  take(steps: number): Promise<Taken>;
  stop(): void;
}

interface Taken {
  readonly ms: number[];
  readonly processorMs: number;
  readonly peakResidentMiB: number;
}

async function start(name: string, command: string, args: readonly string[]): Promise<Subject> {
  const env = { ...process.env, OMP_WAIT_POLICY: "passive", OPENBLAS_NUM_THREADS: values.threads };
  const child = spawn(command, args, { env, stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const next = async () => {
    const { value, done } = await lines.next();
    if (done)
      throw new Error(`${name} must answer, but it ended; try it by itself: ${command} ${args.join(" ")}`);
    return JSON.parse(value) as Taken & { firstMs: number };
  };
  const { firstMs } = await next();
  return {
    name,
    firstMs,
    async take(steps) {
      child.stdin.write(`step ${steps}\n`);
      return next();
    },
    stop: () => child.stdin.end(),
  };
}

const steps = (root: string) => [join(root, "network-steps.ts"), network, method, values.threads];
const peers = method === "plain" ? ["plain"] : ["double-backward", "by-hand"];
const subjects = [await start("onnx", process.execPath, steps(here))];
if (values.before !== undefined) {
  subjects.push(await start("before", process.execPath, steps(join(values.before, "bench"))));
}
for (const kind of values.peer ? peers : []) {
  const script = join(here, "peers", "convolution.py");
  subjects.push(
    await start(`PyTorch ${kind}`, values.python, [script, network, kind, "--threads", values.threads]),
  );
}

const taken = new Map(subjects.map(({ name }) => [name, [] as Taken[]]));
for (let round = 0; round < Number(values.rounds); round++) {
  for (const subject of round % 2 === 0 ? subjects : subjects.toReversed()) {
    await subject.take(1); // whatever another subject left in the caches
    taken.get(subject.name)?.push(await subject.take(3));
  }
}
for (const subject of subjects) subject.stop();

function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] as number;
}

const ours = taken.get("onnx") as Taken[];
const rows = subjects.map(({ name, firstMs }) => {
  const own = taken.get(name) as Taken[];
  const ms = own.flatMap((round) => round.ms);
  const ratioOf = (measure: (round: Taken) => number) =>
    Number(median(own.map((round, i) => measure(round) / measure(ours[i] as Taken))).toFixed(2));
  return {
    subject: name,
    ms: Math.round(median(ms)),
    "least ms": Math.round(Math.min(...ms)),
    "processor ms": Math.round(median(own.map((round) => round.processorMs))),
    "time / ours": ratioOf((round) => median(round.ms)),
    "processor time / ours": ratioOf((round) => round.processorMs),
    "first step ms": Math.round(firstMs),
    "peak MiB": own.at(-1)?.peakResidentMiB,
  };
});
console.log(`${network}, ${method}, load ${loadavg()[0]?.toFixed(1)}`);
console.table(rows);
if (values.save !== undefined) {
  writeFileSync(values.save, `${JSON.stringify({ network, method, load: loadavg(), rows }, null, 2)}\n`);
}
