import type { ClassReport, ExamplesReport } from "../api/examples-report.ts";
import type { SupervisedData } from "./supervised-data.ts";

/** What people should know of examples that come with no report of their own. */
export function examplesReport(data: SupervisedData): ExamplesReport {
  const { name, splits, classes, images, text, inputShape, outputs, warnings } = data;
  const { train, valid, test } = splits;
  const labelsOf = (part: typeof test) => part?.fields.y?.data ?? [];
  return {
    ...{ name, kind: text ? "text" : images ? "images" : "rows" },
    parts: { train: train.rows, valid: valid.rows, test: test?.rows ?? 0 },
    ...(classes &&
      !text && {
        classes: classParts(classes, {
          ...{ train: labelsOf(train), valid: labelsOf(valid) },
          test: labelsOf(test),
        }),
      }),
    ...(images && { shape: images.shape }),
    ...(text && { text: { ...text, vocabulary: outputs, steps: inputShape[0] as number } }),
    warnings,
  };
}

/** How many examples of each class each part has. @param labels of the rows of each part */
export function classParts(
  classes: readonly string[],
  labels: Readonly<Record<"train" | "valid" | "test", ArrayLike<number>>>,
): ClassReport[] {
  const counts = (part: keyof typeof labels) => {
    const rows = new Uint32Array(classes.length);
    for (const label of Array.from(labels[part])) rows[label] = (rows[label] as number) + 1;
    return rows;
  };
  const [train, valid, test] = [counts("train"), counts("valid"), counts("test")];
  return classes.map((name, k) => ({
    name,
    ...{ train: train[k] as number, valid: valid[k] as number, test: test[k] as number },
  }));
}
