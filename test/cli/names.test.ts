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

test("a space written with __proto__ is refused, not left without it", () => {
  expect(() => createSpace({ l2: real(0.1), __proto__: { start: 0.1 } } as never)).toThrow("plain object");
});
