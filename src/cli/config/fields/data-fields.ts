import { inputError } from "../../../util/error.ts";
import { dataSetNames, dataSetsWith, inBrief, textSets } from "../../data-sets/data-set-names.ts";
import { inWords } from "../../../util/words.ts";
import { type Field, type Reader, names, number, numberOr, text } from "./field.ts";

/** The strength of what needs none to be named. */
const usualStrengths: Readonly<Record<string, number>> = {
  flip: 0.5,
  crop: 4,
  "rand-augment": 9,
  "trivial-augment": 1,
};

const strengths: Reader = (value, flag) => byName(strengthsIn(value, flag), flag);

function byName(entries: readonly (readonly [string, unknown])[], flag: string): object {
  const names = entries.map(([name]) => name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice === undefined) return Object.fromEntries(entries);
  throw inputError(`${flag} must have each name once, but got "${twice.slice(0, 80)}" twice; leave one out`);
}

const strengthsIn = (value: string, flag: string): (readonly [string, unknown])[] =>
  value.split(",").map((part) => {
    const [name = "", strength] = part.trim().split("=");
    if (strength !== undefined) return [name, number(strength, `the strength of ${name} in ${flag}`)];
    if (Object.hasOwn(usualStrengths, name)) return [name, usualStrengths[name]];
    throw inputError(
      `${flag} must have a strength for each name, such as rotate=10, but got "${part.slice(0, 80)}"`,
    );
  });

/** The name of a column may hold `=`. */
const columnTypes: Reader = (value, flag) =>
  byName(
    value.split(",").map((part): [string, string] => {
      const [, name, type] = /^(.*)=(.*)$/.exec(part.trim()) ?? [];
      if (name && type) return [name.trim(), type.trim()];
      throw inputError(
        `${flag} must have a type for each column, such as zip=text, but got "${part.slice(0, 80)}"; write COLUMN=text, COLUMN=number or COLUMN=date`,
      );
    }),
    flag,
  );

const filesOf = inBrief(dataSetsWith("dataDir").filter((name) => name !== "text"));
const cuts = textSets.map(({ name, tokens }) => `${tokens} for ${name}`);

/** What to learn from. */
export const dataFields = {
  data: {
    group: "Data:",
    basic: true,
    argument: "NAME|FILE",
    read: text,
    about: `${inBrief(dataSetNames).join(", ")}, a folder with one of images for each class, or a table: CSV, JSON lines, Parquet, .npy, .npz (default: digits)`,
  },
  target: {
    group: "Data:",
    basic: true,
    argument: "COLUMN",
    read: text,
    about: "the column of the table to predict",
  },
  task: {
    group: "Data:",
    argument: "KIND",
    read: text,
    about: "classification or regression (default: from the target's values)",
  },
  header: { group: "Data:", about: "whether the CSV file starts with column names (default: found out)" },
  valid: {
    group: "Data:",
    basic: true,
    brief: "validation rows, a fraction or a number (default: 0.2)",
    argument: "SIZE",
    read: number,
    about: "validation rows, a fraction below 1 or a number of rows (default: 0.2)",
  },
  test: {
    group: "Data:",
    basic: true,
    brief: "test rows likewise, 0 for none (default: 0.2)",
    argument: "SIZE",
    read: number,
    about: "test rows, a fraction below 1 or a number of rows, 0 for none (default: 0.2)",
  },
  folds: {
    group: "Data:",
    argument: "K",
    read: number,
    about:
      "trains K networks, tunes them by the mean of their losses on K parts of all rows that are no test rows, and lets them answer together",
  },
  splitBy: {
    group: "Data:",
    argument: "HOW",
    read: text,
    about: "seed draws the parts at random, tail takes the last rows (default: seed)",
  },
  missing: {
    group: "Data:",
    argument: "HOW",
    read: text,
    about:
      "auto gives numbers the median and an indicator and text a level of its own where a value is missing, error refuses (default: auto)",
  },
  separator: {
    group: "Data:",
    argument: "C",
    read: text,
    about: "what stands between the fields of the CSV file: , ; | tab or whitespace (default: found out)",
  },
  ignore: { group: "Data:", basic: true, argument: "A,B", read: names, about: "columns not to use" },
  keep: {
    group: "Data:",
    argument: "A,B",
    read: names,
    about:
      "columns to use that would be left out, since they only seem to tell rows apart; or to take as text",
  },
  types: {
    group: "Data:",
    argument: "COLUMN=TYPE,...",
    read: columnTypes,
    about:
      "columns to take as text, number or date, for example zip=text,size=number,joined=date, of which the parts are taken (default: from their values; whole numbers of which some begin with 0 are codes, so text)",
    inConfig:
      'columns to take as text, number or date, for example {"zip": "text", "size": "number", "joined": "date"}, of dates the parts (default: from their values; whole numbers of which some begin with 0 are codes, so text)',
  },
  dates: {
    group: "Data:",
    argument: "HOW",
    read: text,
    about:
      "parts takes year, month, weekday, hour and elapsed days of dates, leave leaves them out (default: leave)",
  },
  group: {
    group: "Data:",
    argument: "COLUMN",
    read: text,
    about: "keep the rows with one value of this column in one part",
  },
  timeColumn: {
    group: "Data:",
    argument: "COLUMN",
    read: text,
    about: "split by this column of numbers or dates: the earliest rows train, the latest test",
  },
  stratify: {
    group: "Data:",
    about: "give every class its share of each part (default: where a class has fewer than 100 rows)",
  },
  classWeights: {
    group: "Data:",
    argument: "HOW",
    read: text,
    about: "balanced gives every class the same weight in the loss, none every row (default: none)",
  },
  imageSize: {
    group: "Data:",
    argument: "N",
    read: numberOr("own"),
    about:
      "height and width that all images of a folder get, the middle cut out where one is longer, or own, which leaves them as they are (default: own if all are alike and at most 64 x 64, else 32, or 16 or 8 where most are smaller by more than a tenth)",
  },
  augment: {
    group: "Data:",
    argument: "NAME=X,...",
    read: strengths,
    about:
      "what is done to training images at a strength that is not tuned, for example flip,crop=4,rand-augment=9 or trivial-augment; names as in docs/augmentation.md (default: nothing)",
    inConfig:
      'what is done to training images at a strength that is not tuned, for example {"flip": 0.5, "crop": 4, "rand-augment": 9}; names as in docs/augmentation.md (default: nothing)',
  },
  targetTransform: {
    group: "Data:",
    argument: "NAME",
    read: text,
    about: "log learns the logarithm of the target, for skewed positive numbers; or none (default: none)",
  },
  dataDir: {
    group: "Data:",
    of: "data",
    argument: "DIR",
    read: text,
    needs: { field: "data", values: dataSetsWith("dataDir") },
    about: `where the files of ${inWords(filesOf, "and")} are; of text the file or the directory (default: data)`,
  },
  download: {
    group: "Data:",
    of: "data",
    needs: { field: "data", values: dataSetsWith("download") },
    about: `fetch the files of ${inWords(dataSetsWith("download"), "or")} into --data-dir if missing`,
  },
  bptt: {
    group: "Data:",
    argument: "N",
    read: number,
    needs: { field: "data", values: dataSetsWith("bptt") },
    about: `tokens of ${inWords(dataSetsWith("bptt"), "or")} in a row through which training goes back (default: 35)`,
  },
  tokens: {
    group: "Data:",
    argument: "KIND",
    read: text,
    needs: { field: "data", values: dataSetsWith("tokens") },
    about: `what a text is cut into: word or character (default: ${cuts.join(", ")})`,
  },
  vocabulary: {
    group: "Data:",
    argument: "N",
    read: number,
    needs: { field: "data", values: dataSetsWith("vocabulary") },
    about: "the most different tokens of a text, of which the rarest become <unk> (default: 10000)",
  },
  problem: {
    group: "Data:",
    argument: "FILE.ts",
    read: text,
    about: "a module with a problem of your own; the same as naming it behind `tune`",
  },
} satisfies Readonly<Record<string, Field>>;
