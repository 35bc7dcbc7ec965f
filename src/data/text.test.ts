import { expect, test } from "vitest";

import { randomKey } from "../util/random.ts";
import { HostArray } from "../util/host-array.ts";
import { minibatchOrder, streamBatches, streamSequence } from "./order.ts";
import { newText, promptOf, textData, type TextOptions } from "./text.ts";
import { textAfter } from "./text-tokens.ts";

const options: TextOptions = { name: "toy", steps: 2, tokens: "word" };

const rowsOf = (part: ReturnType<typeof textData>["splits"]["train"]) =>
  (["x", "y"] as const).map((field) => [...(part.fields[field]?.data ?? [])]);

test("words are numbered by how often they occur, lines end in <eos>, and each token's class is the next one", () => {
  const parts = { train: "b a b\nc b\n\n", valid: "b c b a", test: "a zzz b" };
  const { classes, outputs, splits, inputShape, warnings } = textData(parts, options);
  // b 3, <eos> 3 (b first), a 1, c 1; what only the test part has is <unk>
  expect(classes).toEqual(["b", "<eos>", "a", "c", "<unk>"]);
  expect([outputs, inputShape]).toEqual([5, [2]]);
  // b a b <eos> c b <eos> <eos>: the last window would need a ninth token
  expect(rowsOf(splits.train)).toEqual([
    [0, 2, 0, 1, 3, 0],
    [2, 0, 1, 3, 0, 1],
  ]);
  expect(rowsOf(splits.valid)).toEqual([
    [0, 3, 0, 2],
    [3, 0, 2, 1],
  ]);
  // a zzz b <eos>: the last row of what is only evaluated is padded, with a step that has no class
  expect(rowsOf(splits.test as typeof splits.train)).toEqual([
    [2, 4, 0, 0],
    [4, 0, 1, -1],
  ]);
  expect([splits.valid.padding, splits.test?.padding]).toEqual([undefined, 0.5]);
  expect(warnings).toEqual([
    "25 % of the words of the test part are not in the vocabulary: they count as <unk>",
  ]);
});

test("characters are whole ones, and one text is cut at its end", () => {
  const text = `${"ab🙂\r\n".repeat(20)}`; // 80 characters
  const { classes, splits } = textData(
    { train: text },
    { ...options, steps: 4, tokens: "character", valid: 0.25, test: { rows: 10 } },
  );
  expect(classes).toEqual(["a", "b", "🙂", "\n"]);
  expect([splits.train.rows, splits.valid.rows, splits.test?.rows]).toEqual([12, 5, 3]); // (50 - 1) / 4, (20 - 1) / 4, (10 - 1) / 4, the last two rounded up
  expect(rowsOf(splits.valid)[0]?.slice(0, 3)).toEqual([2, 3, 0]);
});

test("a vocabulary that is too large loses its rarest tokens to <unk>", () => {
  const { classes } = textData(
    { train: "a a a b b c d", valid: "a b c" },
    { ...options, steps: 1, vocabulary: 3 },
  );
  expect(classes).toEqual(["a", "b", "<unk>"]);
  const { classes: given } = textData(
    { train: "a <unk> <unk> b", valid: "zzz zzz" },
    { ...options, steps: 1 },
  );
  expect(given).toEqual(["a", "b", "<eos>", "<unk>"]);
});

test("the validation part trains behind the training part where they are joined", () => {
  const parts = { train: "a b", valid: "b a" };
  const { splits } = textData(parts, { ...options, joined: true });
  expect(rowsOf(splits.train)[0]).toEqual([0, 1, 2, 1]); // a b <eos> b (a)
  expect(splits.valid.rows).toBe(1);
});

test.each([
  [{ train: "" }, {}, "the text toy must have at least 9 tokens, but has 0; check"],
  [{ train: "a b" }, {}, "the text toy must have at least 9 tokens, but has 3; lower `bptt`"],
  [{ train: "a b" }, { test: 0, steps: 1 }, "the text toy must have at least 4 tokens, but has 3"],
  [
    { train: "a b c d e f g h i" },
    { valid: 0 },
    "every part of the data must have at least one word, but 10 words would be split",
  ],
  [
    { train: "aaaaaaaaaaaaaaaaaaaaaaaa" },
    { tokens: "character" },
    'has only "a"; check that it is the right file, or choose `tokens: "word"`',
  ],
  [
    { train: "a ".repeat(50) }, // the only other word ends the line, and so the test part
    { tokens: "word" },
    'the training part of a text must have at least two different words to predict, but that of toy has only "a"',
  ],
  [
    { train: "a b c d", valid: "a" },
    { steps: 3 },
    "the validation part of toy must have at least 4 tokens, but has 2; lower `bptt`",
  ],
  [
    { train: "a", valid: "a b c d" },
    { steps: 3 },
    "the training part of toy must have at least 4 tokens, but has 2",
  ],
  [
    { train: "a b c d", valid: "a b c d" },
    { test: 0.3 },
    "`test` must go with a text that is one file, but toy comes in parts; leave it out",
  ],
] as const)("refuses %j with %j", (parts, changed, sentence) => {
  expect(() => textData(parts, { ...options, ...changed })).toThrow(sentence);
});

test("rows of a stream follow each other, and none is left out", () => {
  const batches = (rows: number, size: number) =>
    Array.from({ length: Math.ceil(rows / size) + 1 }, (_, step) => [
      ...streamSequence(rows, size).rows(step),
    ]);
  expect(batches(6, 2)).toEqual([[0, 3], [1, 4], [2, 5], [0, 3]]); // prettier-ignore
  expect(batches(7, 3)).toEqual([[0, 2, 4], [1, 3, 5], [2, 4, 6], [0, 2, 4]]); // prettier-ignore
  for (const [rows, size] of [
    [7, 3],
    [100, 7],
    [5, 5],
    [9, 4],
  ] as const) {
    // prettier-ignore
    const seen = new Set(batches(rows, size).flat());
    expect([seen.size, Math.max(...seen)]).toEqual([rows, rows - 1]);
  }
  const { splits } = textData({ train: "a b c d e f g", valid: "a b c" }, { ...options, steps: 1 });
  expect([...minibatchOrder(splits.train, randomKey(0, "x"), 3).rows(1)]).toEqual([1, 3, 5]);
});

test("evaluation follows the text, in pieces with what came before where it is long, and counts each row once", () => {
  for (const [rows, steps, streams] of [
    [7, 2, 1],
    [59, 35, 1],
    [61, 35, 2],
    [1234, 40, 41],
    [5000, 100, 50],
  ] as const) {
    const x = new HostArray(
      Int32Array.from({ length: rows * steps }, (_, i) => Math.floor(i / steps)),
      [rows, steps],
    );
    const batches = [...streamBatches({ rows, fields: { x }, order: "streams" })].map(
      ({ fields, weight }) => ({
        read: Array.from({ length: streams }, (_, b) => fields.x?.data[b * steps] as number),
        counts: [...weight.data],
      }),
    );
    const counted = batches.flatMap(({ read, counts }) => read.filter((_, b) => counts[b] === 1));
    expect(counted.toSorted((a, b) => a - b)).toEqual(Array.from({ length: rows }, (_, row) => row));
    for (let b = 0; b < streams; b++) {
      const first = batches.findIndex(({ counts }) => counts[b] === 1);
      expect(first).toBe(b === 0 ? 0 : Math.ceil(100 / steps));
      const last = batches.findLastIndex(({ counts }) => counts[b] === 1);
      const own = batches.slice(0, last + 1).map(({ read }) => read[b] as number);
      expect(own).toEqual(own.map((_, t) => (own[0] as number) + t));
    }
  }
});

test("a new text is numbered as the model knows its tokens, which it must all be where there is no <unk>", () => {
  const known = {
    name: "the text",
    steps: 3,
    tokens: "word",
    vocabulary: ["the", "cat", "<eos>", "<unk>"],
  } as const;
  const { dataset, ...tokens } = newText("the cat\nthe dog", known);
  expect(tokens).toEqual({ tokens: 6, unknown: 1 / 6 });
  const { x, y } = dataset.fields as { x: HostArray; y: HostArray };
  expect([Array.from(x.data), Array.from(y.data)]).toEqual([
    [0, 1, 2, 0, 3, 0],
    [1, 2, 0, 3, 2, -1],
  ]);
  expect(() => newText("the dog", { ...known, vocabulary: known.vocabulary.slice(0, 3) })).toThrow(
    /^the text must be made of the words that the model knows, which has no <unk> for others, but 1 of 3 are none of them, such as "dog"; leave them out, /,
  );
  expect(() => newText("", known)).toThrow(
    /^the text must have at least 2 tokens, but has 0; check that it is/,
  );
});

test("a text that goes on ends in its last token, and what follows reads as a text", () => {
  const words = { name: "toy", tokens: "word", vocabulary: ["<eos>", "a", "b", "<unk>"] } as const;
  const numbered = (...given: Parameters<typeof promptOf>) => {
    const { numbers, unknown } = promptOf(...given);
    return { numbers: [...numbers], unknown };
  };
  expect(numbered("a b", words)).toEqual({ numbers: [1, 2], unknown: 0 });
  expect(numbered("a zzz\nb\n", words)).toEqual({ numbers: [1, 3, 0, 2, 0], unknown: 1 });
  expect(textAfter("a b", ["b", "<eos>", "a", "b"], "word")).toBe(" b\na b");
  expect(textAfter("a\n", ["b"], "word")).toBe("b");

  const characters = { name: "toy", tokens: "character", vocabulary: ["\n", "a"] } as const;
  expect(numbered("a\r\na", characters)).toEqual({ numbers: [1, 0, 1], unknown: 0 });
  expect(textAfter("a", ["a", "\n"], "character")).toBe("a\n");
  for (const [text, known] of [
    [" ", words],
    ["", characters],
  ] as const)
    expect(() => promptOf(text, known)).toThrow("to go on from, but has none; give its beginning");
});
