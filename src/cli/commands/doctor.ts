import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { join, resolve } from "node:path";

import { imageSetFiles, type ImageSet } from "../../data/mnist.ts";
import { findImageFile } from "../../data/node/mnist.ts";
import { bundledSets } from "../data-sets/data-set-names.ts";
import type { DataSetByName } from "../data-sets/data-set-by-name.ts";
import { reportEngines, type EngineReport } from "../views/engine-report.ts";
import { formatTable } from "../../report/format.ts";

/** What `hypertrain doctor` accepts. */
export interface DoctorFlags {
  /** Where to look for MNIST and Fashion-MNIST; default `data`. */
  readonly dataDir?: string;
  readonly json?: boolean;
}

/** What `hypertrain doctor --json` prints. */
export interface Diagnosis {
  readonly node: { readonly version: string; readonly path: string };
  readonly engines: readonly EngineReport[];
  readonly data: readonly DataFound[];
  readonly folder: { readonly path: string; readonly writable: boolean; readonly problem?: string };
  /** Whether the main job can run here. */
  readonly ok: boolean;
}

/** Whether a data set can be read. */
export interface DataFound {
  readonly name: string;
  readonly found: boolean;
  readonly rows?: number;
  readonly where: string;
}

/**
 * Shows what works on this machine.
 *
 * @returns the exit code: 0 if the main job can run, else 1
 */
export async function doctor({ dataDir = "data", json = false }: DoctorFlags): Promise<number> {
  const diagnosis = await diagnose(dataDir);
  process.stdout.write(json ? `${JSON.stringify(diagnosis)}\n` : describe(diagnosis));
  return diagnosis.ok ? 0 : 1;
}

async function diagnose(dataDir: string): Promise<Diagnosis> {
  const engines = await reportEngines();
  const data = [
    ...(await Promise.all(bundledSets.map(tryBundled))),
    ...(["mnist", "fashion-mnist"] as const).map((set) => lookFor(set, dataDir)),
  ];
  const folder = await tryFolder();
  return {
    node: { version: process.version, path: process.execPath },
    engines,
    data,
    folder,
    ok: engines.some(({ works }) => works) && data[0]?.found === true && folder.writable,
  };
}

async function tryBundled({ name, read }: DataSetByName): Promise<DataFound> {
  const where = "comes with hypertrain";
  try {
    const { train, valid, test } = (await read({ seed: 0, dataDir: "", download: false }, {})).splits;
    return { name, found: true, rows: train.rows + valid.rows + (test?.rows ?? 0), where };
  } catch (error) {
    return { name, found: false, where: (error as Error).message };
  }
}

function lookFor(name: ImageSet, dataDir: string): DataFound {
  const lacking = Object.values(imageSetFiles).filter((file) => !findImageFile(name, dataDir, file));
  const folder = resolve(dataDir);
  if (lacking.length > 0) {
    const advice = "name their folder with --data-dir, or tune with --download";
    return { name, found: false, where: `not in ${folder}; ${advice}` };
  }
  const own = existsSync(join(dataDir, name));
  const where = own ? join(folder, name) : `${folder} (the files of both sets have the same names)`;
  return { name, found: true, where };
}

async function tryFolder(): Promise<Diagnosis["folder"]> {
  const path = process.cwd();
  try {
    await rm(await mkdtemp(join(path, ".hypertrain-")), { recursive: true });
    return { path, writable: true };
  } catch (error) {
    return { path, writable: false, problem: (error as Error).message };
  }
}

function describe({ node, engines, data, folder, ok }: Diagnosis): string {
  const mark = (good: boolean) => (good ? "✓" : "✗");
  const sections = {
    Node: [[mark(true), node.version, node.path]],
    Engines: engines.map((engine) => [mark(engine.works), engine.name, describeEngine(engine)]),
    Data: data.map(({ name, found, rows, where }) => [
      found ? mark(true) : "·",
      name,
      rows === undefined ? where : `${rows} rows, ${where}`,
    ]),
    Folder: [
      [mark(folder.writable), folder.writable ? "writable" : "not writable", folder.problem ?? folder.path],
    ],
  };
  const text = Object.entries(sections).map(([title, rows]) => `${title}\n${formatTable(leftAligned(rows))}`);
  return `${text.join("\n\n")}\n\n${ok ? "hypertrain works here." : "hypertrain cannot run its main job here; see ✗ above."}\n`;
}

function describeEngine({ works, auto, gflops, threads, problem = "" }: EngineReport): string {
  if (!works) return problem;
  const speed = `${gflops} GFLOP/s in a matrix product, ${threads} ${threads === 1 ? "thread" : "threads"}`;
  return auto ? `${speed}; taken unless --engine names another` : speed;
}

/** Columns padded on the right, since a table of numbers pads on the left. */
function leftAligned(rows: readonly (readonly string[])[]): string[][] {
  const width = Math.max(...rows.map(([, second = ""]) => second.length));
  return rows.map(([first = "", second = "", third = ""]) => [`${first} ${second.padEnd(width)}  ${third}`]);
}
