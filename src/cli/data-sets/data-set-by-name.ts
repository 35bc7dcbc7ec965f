import type { DownloadProgress } from "../../data/node/download.ts";
import type { Keep } from "../../data/node/keep.ts";
import type { SupervisedData } from "../../data/supervised-data.ts";
import type { TokenKind } from "../../data/text-tokens.ts";
import type { Paper } from "../../methods/method.ts";
import type { DataKind } from "../networks/network-by-name.ts";

/** What a data set by name says of itself, and how it is read; help and schemas load nothing of that. */
export interface DataSetByName<N extends string = string> {
  /** What the command line and configurations call it. */
  readonly name: N;
  /** What it is, for the table in docs/data.md. */
  readonly summary: string;
  readonly kind: DataKind;
  /** Whether it comes with the package; else it is files in `--data-dir`. */
  readonly bundled: boolean;
  /** The flags that it has a use for; the others are refused. */
  readonly options: readonly DataOption[];
  readonly papers: readonly Paper[];
  /** What a text is cut into, unless `--tokens` says otherwise. */
  readonly tokens?: TokenKind;
  /** The augmentation whose strengths networks tune on it unless a configuration says otherwise; default none. */
  readonly augmented?: "grey" | "colour";
  /** @throws {HypertrainError} for files that are missing or malformed. */
  read(settings: DataSettings, options: LoadOptions): Promise<SupervisedData>;
}

/** The part of a configuration that data sets by name are read with. */
export interface DataSettings {
  readonly seed: number;
  readonly valid?: number | undefined;
  readonly test?: number | undefined;
  readonly dataDir: string;
  readonly download: boolean;
  readonly bptt?: number | undefined;
  readonly tokens?: TokenKind | undefined;
  readonly vocabulary?: number | undefined;
}

/** Flags that some data alone has a use for. */
export type DataOption = Exclude<keyof DataSettings, "seed">;

/** What loading data needs from outside. */
export interface LoadOptions {
  readonly onDownload?: (progress: DownloadProgress) => void;
  readonly signal?: AbortSignal;
  /** Whether the validation rows train as well. */
  readonly joined?: boolean;
  /** Keeps what files hold, for whoever loads it once more with other options; default: it is read anew. */
  readonly kept?: Keep;
}

/** A data set by name; it keeps the literal type of the name. */
export const dataSetByName = <const N extends string>(described: DataSetByName<N>): DataSetByName<N> =>
  described;
