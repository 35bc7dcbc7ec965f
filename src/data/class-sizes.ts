import { inputError } from "../util/error.ts";
import { optionText } from "../util/option-text.ts";
import { cut, listed } from "./quote.ts";
import { count } from "../util/words.ts";

/** A class and how many rows have it. */
export interface ClassSize {
  readonly name: string;
  readonly rows: number;
}

/** How many rows each class has, the largest first. */
export function classCounts(labels: readonly (string | null)[]): ClassSize[] {
  const counts = new Map<string, number>();
  for (const label of labels) if (label !== null) counts.set(label, (counts.get(label) ?? 0) + 1);
  return [...counts].map(([name, rows]) => ({ name, rows })).sort((a, b) => b.rows - a.rows);
}

/** A class has few rows below this number. */
const FEW = 10;

/** A class is small below this part of an even share: of two classes, one with fewer than a fifth of the rows. */
const SMALL_SHARE = 0.4;

/**
 * A sentence on classes that have few rows, or else on those that are small beside the others; undefined where there are none.
 *
 * @param counts the largest first
 * @param where what has these classes, as `"churn" in people.csv`
 * @param noun what a row is
 * @param regardless whether rows are drawn without a look at their classes, and another way could be had
 */
export function unevenClasses(
  counts: readonly ClassSize[],
  { where, noun = "row", regardless = false }: { where: string; noun?: string; regardless?: boolean },
): { readonly short: string; readonly sentence: string } | undefined {
  const rare = counts.filter(({ rows }) => rows < FEW);
  if (rare.length > 0) {
    const [has, them, are] = rare.length === 1 ? ["has", "it", "it is"] : ["have", "them", "they are"];
    return {
      short: `classes of few ${noun}s`,
      sentence: `${count(rare.length, "class")} of ${where} ${has} fewer than ${FEW} ${noun}s (${listed(rare.map(({ name }) => name))}), so little can be said of how well ${are} predicted; add ${noun}s of ${them}, or join classes`,
    };
  }
  const total = counts.reduce((sum, { rows }) => sum + rows, 0);
  const few = counts.filter(({ rows }) => rows * counts.length < SMALL_SHARE * total).reverse();
  if (few.length === 0) return undefined;
  const shown = few.slice(0, 3).map(({ name, rows }) => `"${cut(name)}" ${rows}`);
  const rest = few.length > 3 ? ` and ${few.length - 3} more` : "";
  const one = few.length === 1;
  const share = regardless
    ? `, and give ${one ? "it its" : "them their"} share of every part with ${optionText("stratify")}`
    : "";
  return {
    short: one ? "a small class" : "small classes",
    sentence: `${count(few.length, "class")} of ${where} ${one ? "is" : "are"} small, of ${total} ${noun}s ${shown.join(", ")}${rest}; judge by the balanced accuracy, make all classes count alike with ${optionText("classWeights", "balanced")}${share}`,
  };
}

/** The labels of the rows of each part. */
export type PartLabels<Label> = Readonly<Record<"train" | "validation" | "test", readonly Label[]>>;

/** The first row of the validation or test part whose class the training part lacks, by its place in its part. */
export function untrainedRow<Label>({
  train,
  validation,
  test,
}: PartLabels<Label>): { readonly part: "validation" | "test"; readonly at: number } | undefined {
  const trained = new Set(train);
  for (const [part, labels] of [
    ["validation", validation],
    ["test", test],
  ] as const) {
    const at = labels.findIndex((label) => !trained.has(label));
    if (at >= 0) return { part, at };
  }
  return undefined;
}

/**
 * Demands of images that all classes of the validation and test part, and two at least, occur in the training part.
 *
 * @param nameOf what a label stands for
 * @throws {HypertrainError} naming the class.
 */
export function demandTrainedClasses<Label>(
  name: string,
  labels: PartLabels<Label>,
  nameOf: (label: Label) => string = String,
): void {
  const found = untrainedRow(labels);
  if (found) {
    const label = labels[found.part][found.at] as Label;
    throw inputError(
      `every class of ${name} must occur in the training part, but "${cut(nameOf(label))}" occurs in the ${found.part} part only; add images of that class, remove it, or let more train (${optionText("valid")}, ${optionText("test")})`,
    );
  }
  const [first] = labels.train as [Label];
  if (labels.train.some((label) => label !== first)) return;
  throw inputError(
    `the training part of ${name} must hold at least two classes, but holds "${cut(nameOf(first))}" alone; add images, or let more train (${optionText("valid")}, ${optionText("test")})`,
  );
}
