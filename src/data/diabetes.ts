import { inputError } from "../util/error.ts";
import { bundledRules, type BundledOptions } from "./bundled.ts";
import { parseCsv } from "./csv.ts";
import { randomSplit } from "./split.ts";
import type { SupervisedData } from "./supervised-data.ts";
import { tableData } from "./table-data.ts";
import { demandGiven, ownOptions } from "../util/given.ts";
import { needed, optionsOf, someBytes } from "../util/rule.ts";

/**
 * Progression of diabetes after a year (Efron, Hastie, Johnstone and Tibshirani 2004) from the bytes of
 * `diabetes_data_raw.csv` and `diabetes_target.csv`: 442 rows, 10 features, a regression.
 *
 * @throws {HypertrainError} if the bytes are not those of tables of 10 and 1 columns with equally many rows.
 */
export function diabetes(
  bytes: { readonly features: Uint8Array; readonly target: Uint8Array },
  split: BundledOptions = {},
): SupervisedData {
  demandGiven("diabetes", { bytes }, { bytes: optionsOf(contents) });
  const { joined = false, ...sizes } = ownOptions("diabetes", split, bundledRules);
  const rules = { separator: "whitespace", header: false } as const;
  const features = parseCsv(bytes.features, { name: "diabetes_data_raw.csv", ...rules });
  const target = parseCsv(bytes.target, { name: "diabetes_target.csv", ...rules });
  if (features.columns.length !== NAMES.length || features.rows !== target.rows) {
    throw inputError(
      `${features.name} must have 10 columns and as many rows as ${target.name}, but has ${features.columns.length} columns, and the rows are ${features.rows} and ${target.rows}; get the files again`,
    );
  }
  const columns = [...features.columns, ...target.columns].map((column, j) => ({
    ...column,
    name: NAMES[j] ?? TARGET,
  }));
  return tableData(
    { ...features, name: "diabetes", columns },
    { target: TARGET, task: "regression", split: (rows) => randomSplit(rows, sizes), joined },
  );
}

const contents = { features: needed(someBytes), target: needed(someBytes) };

const NAMES = ["age", "sex", "bmi", "bp", "s1", "s2", "s3", "s4", "s5", "s6"];
const TARGET = "progression";
