import { tmpdir } from "node:os";

import { expect, test } from "vitest";

import { parseConfig } from "./config.ts";
import { networkInWords } from "../networks/network-names.ts";
import { reproduction } from "./reproduction.ts";

const configOf = (fields: object) => parseConfig(fields, String);

test("tables are trained with a linear layer beside the hidden ones, and all else with a perceptron", () => {
  const named = [{}, { data: "wine" }, { data: "diabetes" }, { data: "mnist" }, { data: "./people.csv" }];
  expect(named.map((fields) => configOf(fields).model)).toEqual([
    "mlp",
    "wide-and-deep",
    "wide-and-deep",
    "mlp",
    "wide-and-deep",
  ]);
  expect(configOf({ data: tmpdir() }).model).toBe("mlp"); // a folder of images
  expect(configOf({ data: "text" }).model).toBe("mlp");
});

test("hyperparameters that are given leave a table its network, no hidden layers make a linear model of it, and what chooses the architecture has a perceptron", () => {
  expect(configOf({ data: "wine", hyper: { l2: 1e-3 } }).model).toBe("wide-and-deep");
  expect(configOf({ data: "wine", method: "smash" }).model).toBe("mlp");
  expect(configOf({ data: "wine", hidden: [] }).model).toBe("mlp");
  expect(configOf({ data: "wine", hidden: [8] }).model).toBe("wide-and-deep");
  expect(configOf({ data: "wine", model: "linear" }).model).toBe("linear");
});

test("the command that repeats a run names the network of a table, and of other data one that is not the default", () => {
  const wine = [{}, { model: "mlp" }, { hyper: { l2: 1e-3 } }].map((fields) => ({ data: "wine", ...fields }));
  const commands = [...wine, {}, { model: "simple-cnn" }].map((fields) => reproduction(configOf(fields)));
  expect(commands.map((command) => /--model (\S+)/.exec(command)?.[1])).toEqual([
    ...["wide-and-deep", "mlp", "wide-and-deep"],
    ...[undefined, "simple-cnn"],
  ]);
});

test("a network is told by its name, with the units of its hidden layers where it has them", () => {
  const told = [
    { data: "wine" },
    { hidden: [8] },
    { hidden: [] },
    { model: "resnet18" },
    { model: "net.json" },
  ];
  expect(told.map((fields) => networkInWords(configOf(fields)))).toEqual([
    ...["wide-and-deep, 128-128", "mlp, 8", "mlp, no hidden layers", "resnet18", "net.json"],
  ]);
  const kept = { "width.fc1": { value: 46 }, "l2.fc1": { value: 0.1 } };
  expect(networkInWords(configOf({ model: "mlp" }), kept)).toBe("mlp, 46-128");
  expect(networkInWords(configOf({ model: "mlp" }), { ...kept, width: { value: 9 } })).toBe("mlp, 46-9");
  expect(networkInWords(configOf({ problem: "own.ts" }))).toBeUndefined();
});
