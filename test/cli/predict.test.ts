import { linkSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";

import { beforeEach, describe, expect, test } from "vitest";

import { loadModel } from "../../src/artifacts/load-model.ts";
import { sealJson } from "../../src/artifacts/sealed-json.ts";
import type { TuneResult } from "../../src/api/result.ts";
import { jaxEngine } from "../../src/engine/jax.ts";
import { randomKey, randomNormal, randomUniform } from "../../src/util/random.ts";
import { call, useFolder } from "./command.ts";

useFolder();

const ROWS = 150;
const TEST = 30;

/** Rows with numbers, text, missing values and a skewed column; the target is a class or a quantity. */
function rowsOf(kind: "classes" | "quantity"): Record<string, string>[] {
  const z = randomNormal(randomKey(4, "predict"), 0, 3 * ROWS);
  const u = randomUniform(randomKey(4, "predict"), 1, 3 * ROWS);
  return Array.from({ length: ROWS }, (_, i) => {
    const [a, b, c] = [0, 1, 2].map((j) => z[3 * i + j] as number) as [number, number, number];
    const town = ["Ulm", "Graz", "Basel, city"][Math.floor(3 * (u[3 * i] as number))] as string;
    const signal = a + (town === "Ulm" ? 1 : -0.5) + 0.3 * c;
    return {
      age: (u[3 * i + 1] as number) < 0.1 ? "" : (40 + 10 * a).toFixed(2),
      income: Math.exp(8 + b).toFixed(1),
      town: (u[3 * i + 2] as number) < 0.1 ? "NA" : town,
      y: kind === "classes" ? (signal > 0 ? "yes" : "no") : (100 + 25 * signal).toFixed(3),
    };
  });
}

const csvOf = (rows: readonly Record<string, string>[], columns = Object.keys(rows[0] ?? {})): string =>
  [columns, ...rows.map((row) => columns.map((name) => row[name] ?? ""))]
    .map((cells) => cells.map((cell) => (cell.includes(",") ? `"${cell}"` : cell)).join(",") + "\n")
    .join("");

async function trained(kind: "classes" | "quantity", ...flags: string[]): Promise<TuneResult> {
  const rows = rowsOf(kind);
  writeFileSync("all.csv", csvOf(rows));
  writeFileSync("held-out.csv", csvOf(rows.slice(-TEST), ["y", "town", "income", "age"])); // in another order
  const { code, stdout, stderr } = await call(
    ...[
      "tune",
      "--data",
      "./all.csv",
      "--target",
      "y",
      "--split-by",
      "tail",
      "--epochs",
      "6",
      "--batch-size",
      "32",
    ],
    ...["--hidden", "8", "--no-baseline", "--json", "--quiet", "--out", "run", ...flags],
  );
  expect(stderr).toBe("");
  expect(code).toBe(0);
  return JSON.parse(stdout) as TuneResult;
}

interface Answers {
  readonly rows: number;
  readonly score?: TuneResult["best"]["valid"];
  readonly lossUnit?: string;
  readonly values: readonly (string | number)[];
  readonly probabilities?: readonly (readonly number[])[];
}

async function predicted(...argv: string[]): Promise<Answers> {
  const { code, stdout, stderr } = await call("predict", "run", ...argv, "--json");
  expect(stderr).toBe("");
  expect(code).toBe(0);
  return JSON.parse(stdout) as Answers;
}

describe.each(["classes", "quantity"] as const)("a model of %s", (kind) => {
  test("repeats the run's test scores on the file that was held out, in every way to ask it", async () => {
    const { best } = await trained(kind);
    const answers = await predicted("held-out.csv", "--out", "answers.csv");
    expect(answers.rows).toBe(TEST);
    expect(answers.score?.loss).toBeCloseTo(best.test?.loss as number, 6);
    expect(answers.lossUnit).toBe(kind === "classes" ? undefined : "losses are of the standardised target");
    expect(answers.score?.metric?.name).toBe(best.test?.metric?.name);
    expect(answers.score?.metric?.value).toBeCloseTo(best.test?.metric?.value as number, 6);

    const [header, ...lines] = readFileSync("answers.csv", "utf8").trimEnd().split("\n");
    expect(header).toBe(kind === "classes" ? "prediction,probability.no,probability.yes" : "prediction");
    expect(lines.map((line) => line.split(",")[0])).toEqual(answers.values.map(String));

    const rows = rowsOf(kind).slice(-TEST);
    const model = await loadModel("run", await jaxEngine(), "table");
    const columns = Object.fromEntries(
      ["age", "income", "town"].map((name) => [
        name,
        rows.map((row) =>
          name === "town"
            ? row.town === "NA"
              ? null
              : row.town
            : row[name] === ""
              ? null
              : Number(row[name]),
        ),
      ]),
    );
    const { values } = await model.predict(columns);
    model.dispose();
    if (kind === "classes") expect(values).toEqual(answers.values);
    else values.forEach((value, i) => expect(value).toBeCloseTo(answers.values[i] as number, 2));

    // Worked out from the answers alone.
    const truth = rows.map((row) => row.y as string);
    if (kind === "classes") {
      const right = truth.filter((label, i) => answers.values[i] === label).length;
      expect(answers.score?.metric?.value).toBeCloseTo(right / TEST, 6);
      const logs = truth.map(
        (label, i) => -Math.log(answers.probabilities?.[i]?.[label === "yes" ? 1 : 0] as number),
      );
      expect(answers.score?.loss).toBeCloseTo(logs.reduce((a, b) => a + b, 0) / TEST, 4);
    } else {
      const mean = truth.reduce((sum, y) => sum + Number(y), 0) / TEST;
      const total = truth.reduce((sum, y) => sum + (Number(y) - mean) ** 2, 0);
      const left = truth.reduce((sum, y, i) => sum + (Number(y) - (answers.values[i] as number)) ** 2, 0);
      expect(answers.score?.metric?.value).toBeCloseTo(1 - left / total, 4);
      const { MAE, RMSE } = answers.score?.measures ?? {};
      expect((RMSE as number) / Math.sqrt(left / TEST)).toBeCloseTo(1, 4);
      expect((MAE as number) / (best.test?.measures?.MAE as number)).toBeCloseTo(1, 4);
    }
  });
});

test("the loss of answers is told as the run was trained", async () => {
  await trained("quantity", "--target-transform", "log", "--loss", "gaussian");
  const { stdout } = await call("predict", "run", "held-out.csv");
  const unit =
    "losses are negative log densities of the standardised logarithm of the target, with a standard deviation of 0.1";
  expect(stdout).toContain(`\n  ${unit}\n`);
  expect((await call("show", "run")).stdout).toContain(`\n  ${unit}\n`);
});

test("answers take the place of no device, folder, input or model", async () => {
  await trained("classes", "--engine", "jax");
  const refused = async (out: string, rows = "held-out.csv") => {
    const { code, stderr } = await call("predict", "run", rows, "--out", out, "--force");
    expect(code).toBe(2);
    return stderr;
  };
  const files = () => ["held-out.csv", "run/model.json"].map((path) => readFileSync(path, "utf8"));
  const before = files();
  expect(await refused("/dev/null")).toMatch(
    /^error: --out must be a file, but \/dev\/null is a device; name another\n$/,
  );
  expect(await refused("run")).toMatch(/is a folder;/);
  symlinkSync("held-out.csv", "link.csv");
  linkSync("held-out.csv", "same.csv");
  for (const [out, rows] of [
    ["./held-out.csv", "held-out.csv"],
    ["held-out.csv", "link.csv"],
    ["link.csv", "held-out.csv"],
    ["held-out.csv", "same.csv"],
  ] as const) {
    expect(await refused(out, rows)).toBe(
      `error: --out must be another file than those to answer for, but got ${out}, which is one of them; name another\n`,
    );
  }
  expect(await refused("run/model.json")).toMatch(/^error: --out must lie outside the run folder/);
  expect(await refused("run/new.csv")).toMatch(/^error: --out must lie outside the run folder/);
  expect(files()).toEqual(before);
});

test("answers take the place of another file with --force alone", async () => {
  await trained("classes", "--engine", "jax");
  writeFileSync("answers.csv", "a user's own");
  const asked = ["predict", "run", "held-out.csv", "--out", "answers.csv"] as const;
  expect(await call(...asked)).toEqual({
    ...{ code: 2, stdout: "" },
    stderr:
      "error: --out must be a new file, but answers.csv exists; name another, or write over it with --force\n",
  });
  expect(readFileSync("answers.csv", "utf8")).toBe("a user's own");
  expect(await call(...asked, "--force")).toMatchObject({ code: 0, stderr: "" });
  expect(readFileSync("answers.csv", "utf8")).toMatch(/^prediction,probability\.no,probability\.yes\n/);
});

describe("a file of new rows", () => {
  beforeEach(() => trained("classes", "--engine", "jax"));

  test("is answered with a warning where it has text that no row of the training part had", async () => {
    writeFileSync(
      "new.csv",
      "age,income,town\n41,3000,Linz\n,2000,Ulm\n38,,Linz\n29,2500,NA\n33,2000,Graz\n",
    );
    const { code, stderr } = await call("predict", "run", "new.csv");
    expect([code, stderr]).toEqual([
      0,
      'warning: 2 of 4 values of new.csv in "town" were not in the training part ("Linz") and count as none of its levels; if one is a level spelled another way, correct it\n',
    ]);
    const model = await loadModel("run", await jaxEngine(), "table");
    const rows = { age: [41, 42], income: [3000, 2000] };
    expect(model.remarksOn({ ...rows, town: ["Linz", null] })).toEqual([
      expect.stringMatching(
        /^1 of 1 value of the rows in "town" was not .* \("Linz"\) and counts as none/,
      ) as string,
    ]);
    expect(model.remarksOn({ ...rows, town: ["Ulm", null] })).toEqual([]);
    model.dispose();
  });

  test("may lack the target, have gaps and further columns", async () => {
    writeFileSync("new.csv", "note,town,age,income\nx,Ulm,,3000\ny,,41,\n");
    const { rows, score, values, probabilities } = await predicted("new.csv");
    expect(rows).toBe(2);
    expect(score).toBeUndefined();
    expect(values.every((value) => value === "yes" || value === "no")).toBe(true);
    for (const row of probabilities ?? []) expect((row[0] as number) + (row[1] as number)).toBeCloseTo(1, 9);
  });

  test("must have the columns, all of which are named at once", async () => {
    writeFileSync("new.csv", "age\n41\n42\n");
    const { code, stderr } = await call("predict", "run", "new.csv", "--out", "answers.csv");
    expect(code).toBe(2);
    expect(stderr).toMatch(/^error: new\.csv must have the columns .* but lacks "income", "town";/);
  });

  test("is split by a separator that is one", async () => {
    writeFileSync("new.csv", "age;income;town\n41;3000;Ulm\n42;2000;Graz\n");
    expect((await predicted("new.csv", "--separator", ";")).rows).toBe(2);
    const { code, stderr } = await call("predict", "run", "new.csv", "--separator", "xx");
    expect(code).toBe(2);
    expect(stderr).toMatch(/^error: --separator must be one character/);
  });

  test("is answered with a warning where its last row holds the totals of the others", async () => {
    const ages = [31, 42, 53, 28, 36, 47, 39];
    const total = ages.reduce((a, b) => a + b);
    writeFileSync(
      "new.csv",
      ["age,income,town", ...ages.map((age) => `${age},900,Ulm`), `${total},,`].join("\n"),
    );
    const { code, stderr } = await call("predict", "run", "new.csv", "--json");
    expect(code).toBe(0);
    expect(stderr).toContain(
      'warning: line 9 of new.csv seems to hold totals, since "age" is the sum of the rows above; remove it\n',
    );
  });

  test("is answered with a warning where numbers lie far from all in training, and where rows look like comments", async () => {
    writeFileSync("new.csv", "age,income,town\n41,3000,Ulm\n#41,3000,Ulm\n41000,2000,Graz\n");
    const { code, stderr } = await call("predict", "run", "new.csv");
    expect([code, stderr]).toEqual([
      0,
      expect.stringMatching(
        /^warning: 1 line of new\.csv that starts with # \(line 3\) .*\nwarning: 1 value of new\.csv in "age" lies beyond 10 standard deviations of the training part; check their units\n$/,
      ),
    ]);
  });

  test("with a target in another case is answered, and told why it is not scored", async () => {
    writeFileSync("new.csv", "age,income,town,Y\n41,3000,Ulm,yes\n");
    const { code, stderr } = await call("predict", "run", "new.csv");
    expect([code, stderr]).toEqual([
      0,
      'the answers are not scored: the target is called "y", but new.csv has "Y"; rename it\n',
    ]);
  });

  test("with a class that is not known is answered, not scored", async () => {
    writeFileSync("new.csv", "age,income,town,y\n41,3000,Ulm,maybe\n42,2000,Graz,yes\n");
    const { code, stdout, stderr } = await call("predict", "run", "new.csv");
    expect(code).toBe(0);
    expect(stderr).toMatch(/^the answers are not scored: .*"maybe"/);
    expect(stdout).toMatch(/row +prediction +probability/);
  });
});

test("numbers without the unit of the training data are answered with a warning, other units refused", async () => {
  const rows = Array.from(
    { length: 60 },
    (_, i) => `${1 + ((i * 7) % 13)} kg,${(i * 5) % 11},${(i * 3) % 2 ? "a" : "b"}`,
  );
  writeFileSync("t.csv", ["w,n,y", ...rows].join("\n"));
  await call(
    "tune",
    "--data",
    "t.csv",
    "--target",
    "y",
    "--epochs",
    "1",
    "--no-baseline",
    "--quiet",
    "--engine",
    "jax",
    "--out",
    "run",
  );
  writeFileSync("new.csv", "w,n\n5,1\n6 kg,2\n7,3\n");
  expect(await call("predict", "run", "new.csv", "--json")).toMatchObject({
    code: 0,
    stderr: 'warning: 2 values of new.csv in "w" have no unit and are taken as kg, as in the training data\n',
  });
  const model = await loadModel("run", await jaxEngine(), "table");
  const bare = (value: string) =>
    `${value} of the rows in "w" ${value.startsWith("1") ? "has" : "have"} no unit and ${value.startsWith("1") ? "is" : "are"} taken as kg, as in the training data`;
  expect(model.remarksOn({ w: [5, 7, null], n: [1, 2, 3] })).toEqual([bare("2 values")]);
  expect(model.remarksOn({ w: ["5 kg"], n: [1] })).toEqual([]);
  expect(model.remarksOn({ w: ["5 kg"], n: [1e6] })).toEqual([
    expect.stringMatching(/^1 value of the rows in "n" lies beyond .*; check their units$/) as string,
  ]);
  model.dispose();
  writeFileSync("new.csv", "w,n\n5000 g,1\n");
  expect(await call("predict", "run", "new.csv")).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('line 2 has "5000 g", whose unit is g;') as string,
  });
});

test("a folder without a model, and a model of no table, are refused in a sentence", async () => {
  expect(await call("predict", "nowhere", "x.csv")).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(
      /^error: nowhere must hold a trained model, but is not there; check the path\n$/,
    ) as string,
  });
  mkdirSync("own");
  writeFileSync("own/config.json", sealJson({ method: "fixed", problem: "mine.ts" }));
  writeFileSync("own/result.json", "{}");
  expect(await call("predict", "own", "x.csv")).toMatchObject({
    code: 2,
    stderr:
      "error: own must hold a model of data that hypertrain reads, but its problem is a module's own, which alone knows what a row is; give its inputs to own/model.onnx by an ONNX runtime, or its weights to the module by own/model.safetensors\n",
  });
  mkdirSync("stopped");
  writeFileSync("stopped/config.json", sealJson({ method: "fixed" })); // all that a run has before its end, for predict
  expect(await call("predict", "stopped", "x.csv")).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(
      /^error: stopped must .* has not ended; .* `hypertrain resume stopped`, .* `hypertrain finish stopped`$/m,
    ) as string,
  });
  const tiny = ["--data", "digits", "--epochs", "1", "--hidden", "4", "--no-baseline", "--quiet"];
  await call("tune", ...tiny, "--out", "images");
  const refused = await call("predict", "images", "x.csv");
  if (refused.code !== 2) throw new Error(`expected a refusal, but got ${refused.stdout}`);
  expect(refused.stderr).toMatch(/^error: (images must be a run on a table|x\.csv must be a file)/);
});

test("a model whose document or weights were changed is refused by name, and resume mends it", async () => {
  await trained("quantity");
  const [document, weights] = ["run/model.json", "run/model.safetensors"] as const;
  const whole = readFileSync(document);
  const answers = async () => call("predict", "run", "held-out.csv", "--json");
  const { stdout: before } = await answers();
  const refused = async (name: string, why: RegExp) => {
    const { code, stdout, stderr } = await answers();
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(`error: ${name} `);
    expect(stderr).toMatch(why);
  };

  for (const at of [0.01, 0.05, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99]) {
    const bytes = Buffer.from(whole);
    const byte = Math.floor(at * bytes.length);
    bytes.writeUInt8((bytes[byte] as number) ^ 1, byte);
    writeFileSync(document, bytes);
    await refused(document, /must/);
  }
  const text = whole.toString();
  const median = /"median": (-?[\d.]+)/.exec(text)?.[1] as string;
  writeFileSync(document, text.replace(`"median": ${median}`, '"median": 7'));
  await refused(document, /its checksum differs.*hypertrain resume run/);
  writeFileSync(document, text.replace("hypertrain model 3", "hypertrain model 2"));
  await refused(document, /must be of the format "hypertrain model 3", but is of "hypertrain model 2"/);

  writeFileSync(document, text.slice(0, 200));
  await refused(document, /but is damaged; write both anew with `hypertrain resume run`/);

  writeFileSync(document, whole);
  const own = readFileSync(weights);
  await trained("quantity", "--seed", "1", "--out", "other");
  writeFileSync(weights, readFileSync("other/model.safetensors"));
  await refused(weights, /must hold the weights that model\.json was written with/);
  await call("resume", "run", "--quiet");
  expect([readFileSync(document).equals(whole), readFileSync(weights).equals(own)]).toEqual([true, true]);
  expect(await answers()).toMatchObject({ code: 0, stdout: before });
});
