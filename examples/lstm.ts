/**
 * An LSTM of your own, on made-up sentences: the network is written over layers, each of which responds to the hyperparameters.
 *
 *     hypertrain tune examples/lstm.ts --epochs 6 --batch-size 16 --optimizer adam --lr 0.01
 */
import { real, supervised } from "hypertrain";
import { textData } from "hypertrain/data";
import { embedding, initLayers, linear, lstm, lstmLayers, type Network } from "hypertrain/nn";

const [steps, units] = [6, 12];
const words = ["the cat", "a dog", "the bird", "saw", "heard", "followed"];
const said = (i: number) => `${words[i % 3]} ${words[3 + ((i * i) % 3)]} ${words[(i * i + i) % 3]} .`;
const text = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => said(from + i)).join(" ");
const data = textData(
  { train: text(0, 400), valid: text(400, 500) },
  { name: "sentences", steps, tokens: "word" },
);

const first = embedding({ name: "words", words: data.outputs, outputs: 8 });
const cell = lstmLayers({ name: "lstm", inputs: 8, units });
const last = linear({ name: "next", inputs: units, outputs: data.outputs });
const layers = [first, cell.input, cell.hidden, last];

const network: Network = {
  name: "own-lstm",
  layers,
  places: [{ name: "lstm", shape: [1, units] }], // the same at all steps
  init: (key) => initLayers(key, layers),
  apply(at, x, act) {
    const { outputs, state } = lstm(at, cell, at.apply(first, x));
    state.hidden.dispose();
    state.cells.dispose();
    return at.apply(last, act("lstm", outputs)); // [rows, steps, words]
  },
};

export default supervised({
  data,
  network,
  hypers: {
    "dropout.lstm": real(0.1, { low: 0, high: 0.9 }),
    l2: real(1e-4, { low: 1e-7, high: 1, log: true }),
  },
});
