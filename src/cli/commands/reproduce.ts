import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";

import type { TopLevelSpec } from "vega-lite";

import { decimalOf } from "../../util/decimal.ts";
import { inputError, type HypertrainError } from "../../util/error.ts";
import { oneLine } from "../../util/text.ts";
import { thisMachine, versions, type MachineFacts } from "../bench/machine.ts";
import { formatSeconds, formatTable } from "../../report/format.ts";
import { INTERRUPTED, listenForInterrupt } from "../terminal/interrupt.ts";
import { oneOf, positiveInteger } from "../config/plain-flags.ts";
import { openEngine } from "../registry/engines.ts";
import type { PaperClaim, Reproduced, Reproduction, ReproductionScale } from "../reproduce/reproduction.ts";
import { asideOf, makeFolder, onDisk, writeUntaken } from "../../artifacts/disk.ts";
import { demandOutsideRuns } from "../files/written-file.ts";

/** What `hypertrain reproduce` accepts, as it was typed. */
export interface ReproduceFlags {
  /** `quick`, the default, or `paper`; of the table also `reduced`. */
  readonly scale?: string;
  /** Of the table; default `mnist`. */
  readonly row?: string;
  /** The folder of MNIST's files; default `data`. */
  readonly dataDir?: string;
  /** Default `auto`. */
  readonly engine?: string;
  readonly threads?: string;
  /** Default 7, the authors' own. */
  readonly seed?: string;
  /** The folder of the results; default `reproduced/FIGURE-SCALE`. */
  readonly out?: string;
  readonly json?: boolean;
}

/** What `FIGURE.json` holds. */
interface ReproducedDocument {
  readonly figure: Figure;
  readonly scale: ReproductionScale | "reduced";
  readonly engine: string;
  readonly seed: number;
  readonly seconds: number;
  readonly claims: readonly PaperClaim[];
  readonly numbers: Reproduced["numbers"];
  readonly machine: MachineFacts;
  readonly versions: Readonly<Record<string, string>>;
}

/**
 * Draws a figure of the paper anew and holds it against what the paper says.
 *
 * @returns the exit code: 1 where something that the paper says does not come out
 */
export async function reproduce(figure: string, flags: ReproduceFlags): Promise<number> {
  const wanted = readFlags(figure, flags);
  await demandOutsideRuns("--out", join(wanted.out, `${wanted.figure}.json`));
  const { script, writeFigure } = await loadScript(wanted.figure);
  await demandOwnFigure(wanted);
  await makeFolder(wanted.out); // known before the work if it cannot be
  const engine = await openEngine(wanted, note);
  using interrupt = listenForInterrupt(note);
  const started = performance.now();
  const reproduced = await script({
    ...{ scale: wanted.scale, dataDir: wanted.dataDir, engine, seed: wanted.seed },
    table: {
      ...{ scale: wanted.tableScale, row: wanted.row, out: wanted.out },
      ...(wanted.threads !== undefined && { threads: wanted.threads }),
    },
    ...{ note, signal: interrupt.signal },
  }).catch((error: unknown) => {
    if (interrupt.signal.aborted) return undefined;
    throw error;
  });
  if (!reproduced || interrupt.signal.aborted) return INTERRUPTED;
  const document: ReproducedDocument = {
    ...{ figure: wanted.figure, scale: wanted.tableScale, engine: engine.name, seed: wanted.seed },
    seconds: (performance.now() - started) / 1000,
    claims: reproduced.claims,
    numbers: reproduced.numbers,
    ...{ machine: thisMachine(), versions: versions() },
  };
  const path = join(wanted.out, `${wanted.figure}.json`);
  const text = `${JSON.stringify(document, shorter)}\n`;
  const write = await ownWriter(wanted);
  await write(path, text);
  const drawn = await drawnFiles(wanted, reproduced.figure, writeFigure);
  for (const file of drawn) await write(file.path, file.bytes);
  const files = [path, ...drawn.map((file) => file.path)];
  process.stdout.write(wanted.json ? text : describe(document, files));
  if (wanted.json) note(describe(document, files).trimEnd());
  return document.claims.every(({ holds }) => holds) ? 0 : 1;
}

/**
 * Demands of a folder that it holds no file of a figure's names, unless an earlier reproduction made it, which may be written anew or goes on.
 *
 * @returns whether one did
 */
async function demandOwnFigure({ figure, out }: Wanted): Promise<boolean> {
  const paths = ["json", "svg", "png"].map((end) => join(out, `${figure}.${end}`));
  const own = (await figureIn(paths[0] as string)) === figure;
  const found = paths.find((path) => (!own && existsSync(path)) || existsSync(asideOf(path)));
  if (found !== undefined) throw othersFile(figure, existsSync(asideOf(found)) ? asideOf(found) : found);
  return own;
}

/** Writes the files of a figure where none is, or those of an earlier reproduction are; none that came while the work was done is written over. */
async function ownWriter(
  wanted: Wanted,
): Promise<(path: string, content: string | Uint8Array) => Promise<void>> {
  const over = await demandOwnFigure(wanted);
  return async (path, content) => {
    const taken = await writeUntaken(path, content, { over });
    if (taken !== undefined) throw othersFile(wanted.figure, taken);
  };
}

const othersFile = (figure: Figure, path: string): HypertrainError =>
  inputError(
    `--out must be the folder of an earlier reproduction of ${figure}, or one without a file of its names, but ${oneLine(path)} is another; name another folder`,
  );

/** Which figure a document is of; undefined for any other file. */
async function figureIn(path: string): Promise<unknown> {
  try {
    return (JSON.parse(await readFile(path, "utf8")) as Partial<ReproducedDocument> | null)?.figure;
  } catch {
    return undefined;
  }
}

/** The module and the export behind each figure's name, in `reproductions/` of a checkout. */
const scripts = {
  "figure-2": ["hyper-training-2018/figure-2.ts", "figure2"],
  "figure-3": ["hyper-training-2018/figure-3.ts", "figure3"],
  "figure-4": ["hyper-training-2018/figure-4.ts", "figure4"],
  "figure-5": ["hyper-training-2018/figure-5.ts", "figure5"],
  "figure-5-deep": ["hyper-training-2018/figure-5-deep.ts", "figure5Deep"],
  "figure-6": ["hyper-training-2018/figure-6.ts", "figure6"],
  conditioning: ["delta-stn-2020/conditioning.ts", "conditioning"],
  "gate-oracle": ["delta-stn-2020/gate-oracle.ts", "gateOracle"],
  "perturbation-scale": ["delta-stn-2020/perturbation-scale.ts", "perturbationScale"],
  "small-text": ["self-tuning-2019/small-text.ts", "smallText"],
  "delta-stn-table": ["delta-stn-2020/table.ts", "deltaStnTable"],
  "workshop-comparison": ["hyper-training-2018/workshop-comparison.ts", "workshopComparison"],
} as const;

type Figure = keyof typeof scripts;

const note = (line: string) => void process.stderr.write(`${line}\n`);

interface Wanted {
  readonly figure: Figure;
  readonly scale: ReproductionScale;
  readonly tableScale: ReproductionScale | "reduced";
  readonly row: string;
  readonly dataDir: string;
  readonly engine: "auto" | "onnx" | "jax";
  readonly threads?: number;
  readonly seed: number;
  readonly out: string;
  readonly json: boolean;
}

function readFlags(name: string, flags: ReproduceFlags): Wanted {
  const figure = oneOf("the figure", Object.keys(scripts) as Figure[], name);
  const isTable = figure === "delta-stn-table";
  const tableScale = isTable
    ? oneOf("--scale", ["quick", "reduced", "paper"], flags.scale ?? "quick")
    : oneOf("--scale", ["quick", "paper"], flags.scale ?? "quick");
  if (flags.row !== undefined && !isTable) {
    throw inputError(`--row must come with delta-stn-table, but got ${figure}; leave it out`);
  }
  return {
    figure,
    scale: tableScale === "reduced" ? "quick" : tableScale,
    tableScale,
    row: flags.row ?? "mnist",
    dataDir: flags.dataDir ?? "data",
    engine: oneOf("--engine", ["auto", "onnx", "jax"], flags.engine ?? "auto"),
    ...(flags.threads !== undefined && { threads: positiveInteger("--threads", flags.threads) }),
    seed: flags.seed === undefined ? AUTHORS_SEED : seedOf(flags.seed),
    out: flags.out ?? join("reproduced", `${figure}-${tableScale}`),
    json: flags.json ?? false,
  };
}

const AUTHORS_SEED = 7;

/** Of numpy's generator as well, so 32 bits. */
function seedOf(given: string): number {
  const seed = decimalOf(given);
  if (Number.isInteger(seed) && seed >= 0 && seed < 2 ** 32) return seed;
  throw inputError(`--seed must be an integer from 0 to 2^32 - 1, but got "${oneLine(given)}"`);
}

type WriteFigure = (path: string, spec: TopLevelSpec) => Promise<string[]>;

/** Scripts are no part of the package; paths are computed, so that its build does not look for them. */
async function loadScript(figure: Figure): Promise<{ script: Reproduction; writeFigure: WriteFigure }> {
  const [file, name] = scripts[figure];
  const script = await load<Reproduction>(figure, `reproductions/${file}`, name);
  return { script, writeFigure: await load<WriteFigure>(figure, "scripts/figures/render.ts", "writeFigure") };
}

async function load<T>(figure: Figure, file: string, name: string): Promise<T> {
  const url = new URL(`../../../${file}`, import.meta.url);
  if (!existsSync(url)) {
    throw inputError(
      `${figure} must be reproduced in a checkout of hypertrain, which has its script, but ${fileURLToPath(url)} does not exist; clone the repository and run it there`,
    );
  }
  const module = (await import(url.href)) as Readonly<Record<string, T | undefined>>;
  const found = module[name];
  if (found === undefined) throw new Error(`internal: ${file} does not export ${name}`);
  return found;
}

/** Six digits, so that the documents stay small. */
const shorter = (_key: string, value: unknown): unknown =>
  typeof value === "number" && !Number.isInteger(value) ? Number(value.toPrecision(6)) : value;

/** The files of a drawing, which is made in a folder of its own, and their places. */
async function drawnFiles(
  { figure, out }: Wanted,
  spec: TopLevelSpec,
  writeFigure: WriteFigure,
): Promise<{ readonly path: string; readonly bytes: Uint8Array }[]> {
  const place = await onDisk(tmpdir(), () => mkdtemp(join(tmpdir(), "hypertrain-figure-")));
  try {
    const written = await onDisk(place, () => writeFigure(join(place, `${figure}.svg`), spec));
    return await Promise.all(
      written.map(async (path) => ({ path: join(out, basename(path)), bytes: await readFile(path) })),
    );
  } finally {
    await rm(place, { recursive: true, force: true });
  }
}

function describe(
  { figure, scale, engine, seconds, claims }: ReproducedDocument,
  files: readonly string[],
): string {
  const rows = claims.map(({ what, expected, measured, holds }) => [
    what,
    expected,
    measured,
    holds ? "yes" : "no",
  ]);
  const missed = claims.filter(({ holds }) => !holds).map(({ what }) => `does not hold: ${what}`);
  return [
    `${figure} at the scale ${scale}, engine ${engine}, ${formatSeconds(seconds)}`,
    "",
    formatTable([["claim", "expected", "measured", "holds"], ...rows]),
    "",
    ...missed,
    `wrote ${files.join(", ")}`,
    "",
  ].join("\n");
}
