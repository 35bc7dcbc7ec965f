import { readFileSync } from "node:fs";

import { expect, test } from "vitest";

import { bundledSets, dataSetNames, dataSetsWith, inBrief } from "../../src/cli/data-sets/data-set-names.ts";
import type { DataSetByName } from "../../src/cli/data-sets/data-set-by-name.ts";
import { dataSetsByName } from "../../src/cli/data-sets/index.ts";
import { fields, flagOf, type FieldName } from "../../src/cli/config/fields.ts";
import type { Field } from "../../src/cli/config/fields/field.ts";
import { call } from "../cli/command.ts";

const text = readFileSync(new URL("../../docs/data.md", import.meta.url), "utf8");

test("docs/data.md says of every data set by name what it says of itself", () => {
  const rows = text.split("\n").map((row) => row.split("|").map((cell) => cell.trim()));
  for (const {
    name,
    summary,
    kind,
    bundled,
    options,
    papers,
  } of dataSetsByName as readonly DataSetByName[]) {
    const told = rows.find(([, first]) => first === `\`${name}\``)?.slice(2, -1);
    const flags = options.map((option) => `\`${flagOf(option)}\``).join(", ");
    const from = bundled ? "the package" : "files";
    expect(told, name).toEqual([summary, kind, from, flags, papers.map(({ label }) => label).join(", ")]);
  }
});

test("a bundled set is of the kind that it says, and comes in the parts that it is asked for", async () => {
  for (const { name, kind, read } of bundledSets) {
    const data = await read({ seed: 0, dataDir: "", download: false, test: 30 }, {});
    expect([data.name, data.images ? "images" : "tables", data.splits.test?.rows]).toEqual([name, kind, 30]);
  }
});

test("help, completion and refusals know every data set by name", async () => {
  const { about } = fields.data;
  for (const name of inBrief(dataSetNames)) expect(about).toContain(name);
  expect((await call("completion", "bash")).stdout).toContain(`names="${dataSetNames.join(" ")}"`);
  const { stderr } = await call("tune", "--data", "nothing-like-it");
  expect(stderr).toMatch(`the data must be one of ${dataSetNames.join(", ")}, a file`);
  for (const option of ["dataDir", "download", "bptt", "tokens", "vocabulary"] as const) {
    const { needs } = fields[option as FieldName] as Field;
    expect(needs, option).toEqual({ field: "data", values: dataSetsWith(option) });
    const other = dataSetNames.find((name) => !dataSetsWith(option).includes(name)) ?? "";
    const flags = [flagOf(option), ...((fields[option] as Field).read ? ["1"] : [])];
    const refused = await call("tune", "--data", other, ...flags);
    expect([refused.code, refused.stderr], option).toEqual([2, expect.stringContaining(flagOf(option))]);
  }
});

test("names that begin alike are told in brief", () => {
  expect(inBrief(["a", "b-c", "b-d", "b-e", "f-g"])).toEqual(["a", "b-c (-d, -e)", "f-g"]);
});
