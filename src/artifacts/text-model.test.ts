import { beforeAll, expect, test } from "vitest";

import type { Engine } from "../engine/engine.ts";
import { onnxEngine } from "../engine/onnx/engine.ts";
import type { Network } from "../nn/network.ts";
import { languageTransformer } from "../nn/networks/language-transformer.ts";
import { lstmLanguageModel } from "../nn/networks/lstm.ts";
import { HostArray, mapTree } from "../util/host-array.ts";
import { randomKey } from "../util/random.ts";
import { openLanguageModel } from "./asked-network.ts";
import type { ModelDocument } from "./model-document.ts";
import { textModel } from "./text-model.ts";

let engine: Engine;
beforeAll(async () => {
  engine = await onnxEngine();
});

const classes = ["a", "b", "c", "d"];
const steps = 4;
const sizes = { steps, words: classes.length };
const networks: Record<string, Network> = {
  lstm: lstmLanguageModel({ ...sizes, hidden: [6, 5] }),
  transformer: languageTransformer({ ...sizes, width: 0.25 }),
};

/** A model of characters with weights so large that what was read before matters. */
function modelOf(network: Network) {
  const weights = network.init(randomKey(5, "weights"));
  const params = mapTree(
    weights,
    ({ data, shape }) =>
      new HostArray(
        data.map((x) => 4 * x),
        shape,
      ),
  );
  const document = {
    ...{ data: "toy", task: "classification", loss: "cross-entropy", classes },
    text: { tokens: "character" },
  } as unknown as ModelDocument & Required<Pick<ModelDocument, "text" | "classes">>; // all that these read of it
  const asked = openLanguageModel(
    document,
    { network, inputShape: [steps], outputs: classes.length },
    params,
    engine,
  );
  return { asked, model: textModel(document, asked) };
}

/** The probability of every character behind a text, from how well the model scores the text with it and without. */
async function probabilitiesBehind(text: string, { model }: ReturnType<typeof modelOf>): Promise<number[]> {
  const nats = async (whole: string) =>
    whole.length < 2 ? 0 : (await model.score(whole)).loss * (whole.length - 1);
  const before = await nats(text);
  const all: number[] = [];
  for (const token of classes) all.push(Math.exp(before - (await nats(text + token))));
  return all;
}

const softmax = (logits: ArrayLike<number>): number[] => {
  const odds = Array.from(logits, Math.exp);
  const sum = odds.reduce((a, b) => a + b);
  return odds.map((each) => each / sum);
};

const text = "abdcaabcdda";
const numbers = Array.from(text, (token) => classes.indexOf(token));

test.each(Object.entries(networks))(
  "%s reads a text as it scores one, at once and token by token",
  async (_, network) => {
    const opened = modelOf(network);
    const slowly = opened.asked.reader();
    for (let length = 1; length <= text.length; length++) {
      const expected = await probabilitiesBehind(text.slice(0, length), opened);
      expect(expected.reduce((a, b) => a + b)).toBeCloseTo(1, 4);
      const atOnce = await opened.asked.reader().read(numbers.slice(0, length));
      const byToken = await slowly.read(numbers.slice(length - 1, length));
      for (const logits of [atOnce, byToken])
        for (const [i, p] of softmax(logits).entries()) expect(p).toBeCloseTo(expected[i] as number, 4);
    }
    opened.model.dispose();
  },
);

test("a generated text is the likeliest at temperature 0, and else drawn with the model's probabilities", async () => {
  const opened = modelOf(networks.lstm as Network);
  const { model } = opened;
  const { tokens } = await model.generate(text, { length: 10, temperature: 0 });
  for (const [i, token] of tokens.entries()) {
    const behind = await probabilitiesBehind(text + tokens.slice(0, i).join(""), opened);
    expect(behind[classes.indexOf(token)]).toBeCloseTo(Math.max(...behind), 5);
  }

  const counts = classes.map(() => 0);
  const draws = 200;
  for (let seed = 0; seed < draws; seed++) {
    const [token] = (await model.generate(text, { length: 1, seed })).tokens as [string];
    const place = classes.indexOf(token);
    counts[place] = (counts[place] as number) + 1;
  }
  for (const [i, p] of (await probabilitiesBehind(text, opened)).entries()) {
    const sd = Math.sqrt((p * (1 - p)) / draws);
    expect(Math.abs((counts[i] as number) / draws - p)).toBeLessThan(4 * sd + 1e-6);
  }

  const told: string[] = [];
  const onText = (added: string) => void told.push(added);
  await expect(model.generate(text, { length: Infinity, onText })).rejects.toThrow(/length.* must be/);
  const drawn = await model.generate(text, { length: 20, seed: 3 });
  await model.generate(text, { length: 20, seed: 3, onText });
  expect(told).toHaveLength(20);
  expect(told.join("")).toBe(drawn.text);
  expect(await model.generate(text, { length: 20, seed: 3 })).toEqual(drawn);
  expect((await model.generate(text, { length: 20, seed: 4 })).text).not.toBe(drawn.text);
  model.dispose();
});
