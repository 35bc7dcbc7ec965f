import { searchMethods } from "../../../methods/index.ts";
import { searchNames, type SearchName } from "../../../methods/lookup.ts";
import type { SearchMethod } from "../../../methods/method.ts";
import { type Field, number, text } from "./field.ts";

/** The searches that follow more than the loss. */
function following(...kinds: readonly SearchMethod["follows"][]): readonly SearchName[] {
  return searchMethods
    .filter(({ follows }: SearchMethod) => follows && kinds.includes(follows))
    .map(({ name }) => name);
}

/** What a run is made with and leaves. */
export const runFields = {
  seed: {
    group: "Run:",
    basic: true,
    argument: "N",
    read: number,
    about: "everything random follows from it (default: 0)",
  },
  engine: {
    group: "Run:",
    argument: "NAME",
    read: text,
    about: "auto, onnx (native) or jax (default: auto, which is onnx where it starts)",
  },
  threads: {
    group: "Run:",
    of: "machine",
    argument: "N",
    read: number,
    needs: { field: "engine", values: ["auto", "onnx"] },
    about:
      "threads of the engine onnx; 1 where other work runs beside it (default: all cores, one for small networks)",
  },
  precision: {
    group: "Run:",
    argument: "NAME",
    read: text,
    about: "float32 or float64 (default: float32)",
  },
  out: {
    group: "Run:",
    of: "command",
    basic: true,
    brief: "the run folder (default: runs/DATA-METHOD-SEED)",
    argument: "DIR",
    read: text,
    about: "the run folder to make (default: runs/DATA-METHOD-SEED, numbered if taken)",
  },
  store: {
    group: "Run:",
    of: "place",
    methods: searchNames,
    argument: "FILE.db|URL",
    read: text,
    about:
      "keep a search, or a comparison, in a SQLite file or a postgres:// database, for several workers at once",
  },
  artifacts: {
    group: "Run:",
    of: "place",
    methods: searchNames,
    argument: "PLACE",
    read: text,
    needs: { field: "store" },
    about:
      "where the study keeps checkpoints and weights, for good: sql (in the store itself), file:DIR or s3://BUCKET/PREFIX (default: sql)",
  },
  study: {
    group: "Run:",
    of: "place",
    methods: searchNames,
    argument: "NAME",
    read: text,
    needs: { field: "store" },
    about: "what it is called there (default: data, method and seed)",
  },
  trials: {
    group: "Run:",
    methods: searchNames,
    argument: "N",
    read: number,
    needs: {
      field: "store",
      otherwise:
        "without a store --epochs says how long all trainings are together, --trial-epochs how long one is",
    },
    about: "with --store, trials that it starts (default: 20)",
    notCompared: "which gives all methods the same --time or --budget-steps",
  },
  objectives: {
    group: "Run:",
    methods: following("objectives"),
    argument: "NAMES",
    read: text,
    about:
      "what the search follows, behind commas: loss, the metric and what is told beside it, seconds, gradients, epochs, parameters, latency; max: before what is to be large (default: loss)",
    notCompared: "which compares by the loss",
  },
  where: {
    group: "Run:",
    methods: following("objectives", "bounds"),
    argument: "BOUNDS",
    read: text,
    about: 'bounds that the search is to keep, behind commas, on the same, such as "parameters<=5000"',
    notCompared: "which compares by the loss",
  },
  workers: {
    group: "Run:",
    of: "machine",
    methods: searchNames,
    argument: "N",
    read: number,
    needs: { field: "store" },
    about: "processes that work on it here; others may join by `hypertrain work` (default: 1)",
  },
  tensorboard: {
    group: "Run:",
    of: "place",
    argument: "DIR",
    read: text,
    about: "also write event files for TensorBoard, in a folder each training",
  },
  mlflow: {
    group: "Run:",
    of: "place",
    argument: "URL",
    read: text,
    about: "also tell a tracking server of MLflow, for example http://localhost:5000",
  },
  watch: {
    group: "Run:",
    of: "command",
    basic: true,
    about:
      "write the report while the run goes on: open report.html of the run folder, which loads itself anew",
    insteadInStudy: "`hypertrain study show` says how far it is",
  },
  json: { group: "Run:", of: "command", basic: true, about: "print one JSON document on stdout" },
  quiet: { group: "Run:", of: "command", basic: true, about: "no progress, only results and errors" },
} satisfies Readonly<Record<string, Field>>;
