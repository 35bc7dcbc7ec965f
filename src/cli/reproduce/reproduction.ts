import type { TopLevelSpec } from "vega-lite";

import type { Engine } from "../../engine/engine.ts";

/** `quick` ends within a minute on any engine and shows the shape; `paper` has the paper's own settings. */
export type ReproductionScale = "quick" | "paper";

/** What a figure's script is given. */
export interface Setting {
  readonly scale: ReproductionScale;
  /** Of a table with rows, whose runs go on another time. */
  readonly table?: TableSetting;
  /** The folder of MNIST's files. */
  readonly dataDir: string;
  readonly engine: Engine;
  /** Everything random follows from it. */
  readonly seed: number;
  /** Tells how far the work is. */
  note(line: string): void;
  readonly signal: AbortSignal;
}

/** What a table is given besides. */
export interface TableSetting {
  readonly scale: ReproductionScale | "reduced";
  readonly row: string;
  /** The folder of the results. */
  readonly out: string;
  /** Of the engine onnx. */
  readonly threads?: number;
}

/** One thing that the paper says or its code gave, beside what came out here. */
export interface PaperClaim {
  readonly what: string;
  readonly expected: string;
  readonly measured: string;
  readonly holds: boolean;
}

/** What a figure's script returns. */
export interface Reproduced {
  /** Numbers for people who go on with them; survives JSON. */
  readonly numbers: Readonly<Record<string, unknown>>;
  readonly claims: readonly PaperClaim[];
  /** The figure as the paper draws it. */
  readonly figure: TopLevelSpec;
}

/** A figure's script. */
export type Reproduction = (setting: Setting) => Promise<Reproduced>;
