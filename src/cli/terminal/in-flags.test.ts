import { expect, test } from "vitest";

import { optionText } from "../../util/option-text.ts";
import { allInFlags, inFlags } from "./in-flags.ts";

test.each([
  [optionText("hyperLr"), "--hyper-lr"],
  [optionText("epochs", 40), "--epochs 40"],
  [optionText("task", "regression"), "--task regression"],
  [optionText("ignore", ["my name", "b"]), "--ignore 'my name,b'"],
  [optionText("keep", ["a`b"]), "--keep 'a`b'"],
  [optionText("types", { "my zip": "text", n: "number" }), "--types 'my zip=text,n=number'"],
  [optionText("header", false), "--no-header"],
  [optionText("stratify", true), "--stratify"],
  [optionText("hold"), "--hold"],
  [optionText("gradientLimit", 9), "--budget-steps 9"],
])("%s is %s", (option, flag) => {
  expect(inFlags(`take ${option}, or ${option}`)).toBe(`take ${flag}, or ${flag}`);
});

test("what is no option stays as it is", () => {
  const message =
    "`low < high` must hold; `hypertrain resume x` goes on, `colour` and `toString` are none, nor is `data: x`";
  expect(inFlags(message)).toBe(message);
});

test("a document is told in flags wherever it has text, and keeps all else", () => {
  const document = {
    warnings: [optionText("keep")],
    columns: [{ becomes: optionText("dates", "parts"), rows: 3 }],
    best: null,
  };
  expect(allInFlags(document)).toEqual({
    warnings: ["--keep"],
    columns: [{ becomes: "--dates parts", rows: 3 }],
    best: null,
  });
});
