import { bundledRules, type BundledOptions } from "./bundled.ts";
import { parseCsv } from "./csv.ts";
import { textOf } from "./named-bytes.ts";
import { randomSplit } from "./split.ts";
import type { SupervisedData } from "./supervised-data.ts";
import { tableData } from "./table-data.ts";
import { demandGiven, ownOptions } from "../util/given.ts";
import { someBytes } from "../util/rule.ts";

/**
 * Chemical analysis of wines of three cultivars (UCI, Aeberhard and Forina) from the bytes of `wine_data.csv`: 178 rows, 13
 * features, 3 classes.
 *
 * @throws {HypertrainError} if the bytes are not those of a table of 14 columns of numbers.
 */
export function wine(bytes: Uint8Array, split: BundledOptions = {}): SupervisedData {
  demandGiven("wine", { bytes }, { bytes: someBytes });
  const { joined = false, ...sizes } = ownOptions("wine", split, bundledRules);
  const name = "wine_data.csv";
  // The first line counts rows and features; named columns in its place keep the lines in errors true.
  const text = textOf({ name, bytes }).replace(/^.*/, HEADER);
  const table = parseCsv(text, { name, separator: ",", header: true });
  const data = tableData(table, {
    target: "cultivar",
    task: "classification",
    split: (rows) => randomSplit(rows, sizes),
    joined,
  });
  return { ...data, name: "wine" };
}

const HEADER =
  "alcohol,malic acid,ash,alcalinity of ash,magnesium,total phenols,flavanoids,nonflavanoid phenols," +
  "proanthocyanins,color intensity,hue,OD280/OD315 of diluted wines,proline,cultivar";
