import { existsSync, readFileSync, writeFileSync } from "node:fs";

import { describe, expect, test } from "vitest";

import { call, start, useFolder } from "./command.ts";

useFolder();

describe("a module that is no longer what was trained", () => {
  const example = (name: string) => readFileSync(new URL(`../../examples/${name}`, import.meta.url), "utf8");
  const short = ["--epochs", "2", "--warmup-epochs", "0", "--no-baseline", "--quiet", "--out", "run"];
  const data = ["--data", "digits", "--valid", "0.5", "--test", "0.4", "--model", "own.ts"];
  const refusal = async (argv: readonly string[], sentence: RegExp) => {
    const { code, stdout, stderr } = await start(...argv).finished; // which loads the module anew
    expect([code, stdout, stderr]).toEqual([2, "", expect.stringMatching(sentence)]);
    expect(stderr.trim().split("\n")).toHaveLength(1);
  };

  test("makes a network of other answers or layers: no response and no refit", async () => {
    const module = example("my-network.ts");
    writeFileSync("own.ts", module);
    const { code, stderr } = await call("tune", ...data, ...short);
    expect(code, stderr).toBe(0);
    const range = ["--hyper", "l2.near", "--from", "1e-4", "--to", "1e-2", "--points", "2"];
    const asked = ["response", "run", ...range, "--trust"];
    writeFileSync("own.ts", `${module}// other`);
    const same = await start(...asked).finished;
    expect([same.code, same.stderr]).toEqual([0, ""]);
    const others =
      /^error: the network that own\.ts makes must answer as the one that was trained, but .*; restore/;
    writeFileSync("own.ts", module.replace("nn.relu", "nn.sigmoid"));
    await refusal(asked, others);
    await refusal(["refit", "run", "--trust", "--quiet"], others);
    expect(existsSync("run-refit")).toBe(false);
    const layers =
      /^error: the network that own\.ts makes must have the layers whose weights were trained, .*; restore/;
    writeFileSync("own.ts", module.replace("CHANNELS = 8", "CHANNELS = 6"));
    await refusal(asked, layers);
    await refusal(["refit", "run", "--trust", "--quiet"], layers);
  });

  test("describes a network of other layers: no response and no refit", async () => {
    const made = (activation: string) => `
      import { sequential } from "hypertrain/nn";
      const layers = [{ layer: "flatten" }, { layer: "linear", outputs: 4 }, { layer: "${activation}" }, { layer: "linear" }];
      export default ({ input, outputs }) => sequential({ name: "own", input: [...input], outputs, layers });
    `;
    writeFileSync("own.ts", made("relu"));
    const { code, stderr } = await call("tune", ...data, ...short);
    expect(code, stderr).toBe(0);
    writeFileSync("own.ts", `${made("relu")}// other`);
    const same = await start("refit", "run", "--trust", "--quiet").finished;
    expect([same.code, same.stderr]).toEqual([0, ""]);
    writeFileSync("own.ts", made("tanh"));
    const range = ["--hyper", "l2.fc1", "--from", "1e-4", "--to", "1e-2", "--points", "2"];
    const others =
      /^error: the network that \S*own\.ts makes must be the one that was trained, but its layers are not as run\/model\.json/;
    for (const asked of [
      ["response", "run", ...range],
      ["refit", "run"],
    ])
      await refusal([...asked, "--trust"], others);
  });

  test("makes another problem: no response", async () => {
    const module = example("my-problem.ts");
    writeFileSync("own.ts", module);
    const { code, stderr } = await call("tune", "own.ts", ...short);
    expect(code, stderr).toBe(0);
    const range = ["--hyper", "decay", "--from", "1e-5", "--to", "1e-3", "--points", "2"];
    const asked = ["response", "run", ...range, "--trust"];
    writeFileSync("own.ts", `${module}// other`);
    const same = await start(...asked).finished;
    expect([same.code, same.stderr]).toEqual([0, ""]);
    writeFileSync("own.ts", module.replace("np.tanh", "np.sin"));
    await refusal(
      asked,
      /^error: \S*own\.ts must make what was trained, but .* its validation loss was .* and is .*; restore/,
    );
  });
});
