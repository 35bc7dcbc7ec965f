import { writeFileSync } from "node:fs";

import { expect, test } from "vitest";

import { createSpace, real } from "hypertrain";
import { call, useFolder } from "./command.ts";

useFolder();

test.each(["__proto__", "constructor", "toString"])(
  "a hyperparameter named %s is refused by name",
  async (name) => {
    const sentence = `must name hyperparameters, but got "${name}"`;
    const flag = await call("tune", "--data", "wine", "--hyper", `${name}=0.1`);
    expect([flag.code, flag.stderr]).toEqual([2, expect.stringContaining(sentence)]);
    writeFileSync("c.json", `{"data":"wine","hyper":{"${name}":0.1}}`);
    const file = await call("tune", "c.json");
    expect([file.code, file.stderr]).toEqual([2, expect.stringContaining(sentence)]);
    expect(() => createSpace(Object.fromEntries([[name, real(0.1)]]))).toThrow(`but got "${name}"`);
  },
);

test("a name that every object has is refused beside others as well, not dropped", async () => {
  const flags = await call("tune", "--data", "wine", "--hyper", "l2=1e-3", "--hyper", "__proto__=0.1");
  expect([flags.code, flags.stderr]).toEqual([
    2,
    expect.stringContaining('--hyper must name hyperparameters, but got "__proto__"'),
  ]);
  for (const [field, called] of [
    ["hyper", "hyperparameters"],
    ["augment", "augmentations"],
    ["types", "columns"],
  ]) {
    writeFileSync("c.json", `{"data":"wine","${field}":{"l2":0.1,"__proto__":0.1}}`);
    const { code, stderr } = await call("tune", "c.json");
    expect([code, stderr]).toEqual([
      2,
      expect.stringContaining(`"${field}" in c.json must name ${called}, but got "__proto__"`),
    ]);
  }
});

test("a space written with __proto__ is refused, not left without it", () => {
  expect(() => createSpace({ l2: real(0.1), __proto__: { start: 0.1 } } as never)).toThrow("plain object");
});
