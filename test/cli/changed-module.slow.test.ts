import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";

import { describe, expect, test } from "vitest";

import { call, start, useFolder } from "./command.ts";

useFolder();

describe("a module that is no longer what was trained", () => {
  const example = (name: string) => readFileSync(new URL(`../../examples/${name}`, import.meta.url), "utf8");
  const short = ["--epochs", "2", "--warmup-epochs", "0", "--no-baseline", "--quiet", "--out", "run"];
  const data = ["--data", "digits", "--valid", "0.5", "--test", "0.4", "--model", "own.ts"];
  const refusal = async (argv: readonly string[], sentence: RegExp) => {
    const { code, stdout, stderr } = await start(...argv).finished; // which loads the module anew
    const told = stderr.replace(/^running the module .*\n/, "");
    expect([code, stdout, told]).toEqual([2, "", expect.stringMatching(sentence)]);
    expect(told.trim().split("\n")).toHaveLength(1);
  };

  test("makes a network of other answers or layers: no response, no refit, and nothing goes on", async () => {
    const module = example("my-network.ts");
    writeFileSync("own.ts", module);
    const { code, stderr } = await call("tune", ...data, ...short);
    expect(code, stderr).toBe(0);
    const range = ["--hyper", "l2.near", "--from", "1e-4", "--to", "1e-2", "--points", "2"];
    const asked = ["response", "run", ...range, "--trust"];
    writeFileSync("own.ts", `${module}// other`);
    const same = await start(...asked).finished;
    expect([same.code, same.stderr]).toEqual([0, ""]);
    writeFileSync("own.ts", module.replace("nn.relu(", "nn.relux("));
    const broken =
      /^error: predict of the problem "two-views on digits" must work on .* but threw: .*relux is not a function \(at .*own\.ts:\d+\)\n$/;
    for (const argv of [asked, ["refit", "run", "--trust", "--quiet"]]) await refusal(argv, broken);
    const others =
      /^error: the network that own\.ts makes must answer as the one that was trained, but .*; restore/;
    writeFileSync("own.ts", module.replace("nn.relu", "nn.sigmoid"));
    await refusal(asked, others);
    await refusal(["refit", "run", "--trust", "--quiet"], others);
    expect(existsSync("run-refit")).toBe(false);
    rmSync("run/model.json"); // as of a run that was killed before it had a model
    await refusal(["resume", "run", "--epochs", "3", "--trust", "--force", "--quiet"], others);
    writeFileSync("own.ts", module.replace("CHANNELS = 8", "CHANNELS = 6"));
    await refusal(asked, others);
    rmSync("run/origin.json");
    await refusal(
      asked,
      /^error: run must say how its module answered when it was begun, .*write it anew with `hypertrain resume run --trust --force`\n$/,
    );
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
      /^error: the network that own\.ts makes must answer as the one that was trained, but .*; restore/;
    for (const asked of [
      ["response", "run", ...range],
      ["refit", "run"],
    ])
      await refusal([...asked, "--trust"], others);
  });

  test("imports what makes another problem: no response, and it goes on by force alone", async () => {
    const module = example("my-problem.ts");
    writeFileSync("made.ts", module);
    writeFileSync("own.ts", `export { default } from "./made.ts";`);
    const { code, stderr } = await call("tune", "own.ts", ...short);
    expect(code, stderr).toBe(0);
    const range = ["--hyper", "decay", "--from", "1e-5", "--to", "1e-3", "--points", "2"];
    const asked = ["response", "run", ...range];
    writeFileSync("made.ts", `${module}// other`);
    const same = await start(...asked).finished;
    expect([same.code, same.stderr]).toEqual([0, ""]);
    writeFileSync("made.ts", module.replace("np.tanh", "np.sin"));
    const other =
      "the problem in own\\.ts must be the one that was tuned, but where its training loss was \\S+ it is \\S+";
    const restore = "; restore the module, and what it imports, as it was";
    await refusal(asked, RegExp(`^error: ${other}${restore}\n$`));
    const longer = ["resume", "run", "--epochs", "3"];
    await refusal(longer, RegExp(`^error: ${other}${restore}, or go on all the same with --force\n$`));
    const forced = await start(...longer, "--force").finished;
    expect([forced.code, forced.stderr]).toEqual([
      0,
      expect.stringMatching(RegExp(`^warning: ${other}; going on with it all the same$`, "m")),
    ]);
    const known = await start("resume", "run").finished;
    expect([known.code, known.stderr]).toEqual([0, expect.not.stringContaining("warning")]);
  });

  test("imports what makes another problem: no baseline, comparison or study goes on", async () => {
    const module = example("my-problem.ts");
    writeFileSync("made.ts", module);
    writeFileSync("own.ts", `export { default } from "./made.ts";`);
    const { code, stderr } = await call("tune", "own.ts", ...short, "--baseline");
    expect(code, stderr).toBe(0);
    const compared = [
      "compare",
      "own.ts",
      "--methods",
      "fixed",
      "--budget-steps",
      "4",
      "--seeds",
      "1",
      "--out",
      "both",
      "--quiet",
    ];
    expect((await call(...compared)).code).toBe(0);
    const seeds = compared.map((part) => (part === "1" ? "2" : part));
    const searched = ["tune", "own.ts", "--method", "random", "--trials", "1", "--trial-epochs", "1"];
    const stored = [...searched, "--store", "s.db", "--study", "one", "--no-baseline", "--quiet"];
    const first = await call(...stored, "--out", "found");
    expect([first.code, first.stderr]).toEqual([0, ""]);
    const longer = ["resume", "run/baseline", "--epochs", "3"];
    writeFileSync("made.ts", module.replace("np.tanh", "np.sin"));
    await refusal(longer, /^error: the problem in own\.ts must be the one that was tuned, but /);
    const forced = await start(...longer, "--force").finished;
    expect(forced.stderr).toMatch(/^warning: the problem in own\.ts must be the one that was tuned, /m);
    await refusal(
      seeds,
      /^error: both must go on with what it was begun with, but what \S*own\.ts imports is not the same; restore that, /,
    );
    await refusal(
      [...stored, "--out", "more"],
      /^error: the study "one" in \S*s\.db must go on with what it was begun with, but what \S*own\.ts imports is not the same; restore that, /,
    );
    writeFileSync("made.ts", module);
    const more = await start(...seeds).finished;
    expect([more.code, more.stderr]).toEqual([0, ""]);
  });
});
