import { readFileSync } from "node:fs";

import { expect, test } from "vitest";

import { searchMethods, trainingMethods } from "../../src/methods/index.ts";
import { methods } from "../../src/methods/lookup.ts";
import type { Method, Paper } from "../../src/methods/method.ts";
import { methodFor } from "../../src/study/method-for.ts";

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");

/** The cells of a document's rows whose first cell is a name, up to a heading. */
function rowsOf(text: string, names: readonly string[]): string[][] {
  return text
    .split("\n")
    .filter((line) => line.startsWith("| `"))
    .map((line) =>
      line
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim()),
    )
    .filter(([first = ""]) => names.includes(first.slice(1, -1)));
}

const labels = (papers: readonly Paper[]): string => papers.map(({ label }) => label).join(", ");
const named = (list: readonly Method[]) => list.map(({ name }) => name);

test("README's table of methods says what the methods say of themselves", () => {
  const [, section = ""] = read("README.md").split("\n## Methods\n");
  const links = (papers: readonly Paper[]) => papers.map(({ label, url }) => `[${label}](${url})`).join(", ");
  expect(rowsOf(section, named(trainingMethods))).toEqual(
    trainingMethods.map(({ name, summary, papers }) => [`\`${name}\``, summary, links(papers)]),
  );
});

test("docs/how-to-choose.md says of every method what it says of itself", () => {
  const [choosing = ""] = read("docs/how-to-choose.md").split("\n## The rule of");
  const rows = rowsOf(choosing, named(methods)).map((cells) => [...cells.slice(0, 4), cells.at(-1)]);
  const said = ({ name, summary, useWhen, avoidWhen = "", papers }: Method) => [
    ...[`\`${name}\``, summary, useWhen, avoidWhen],
    labels(papers),
  ];
  const byName = (list: readonly (readonly unknown[])[]) =>
    [...list].sort((a, b) => (String(a[0]) < String(b[0]) ? -1 : 1));
  expect(byName(rows)).toEqual(byName([...trainingMethods, ...searchMethods].map(said)));
});

test("every method that auto may choose is one", () => {
  const facts = [0, 1, 30, 200].flatMap((hyperparameters) =>
    [false, true].flatMap((discrete) =>
      [false, true].map((ofOptimizer) => ({ hyperparameters, discrete, ofOptimizer })),
    ),
  );
  const chosen = new Set(facts.map((fact) => methodFor(fact).method));
  expect(chosen.size).toBe(5);
  expect(named(methods)).toEqual(expect.arrayContaining([...chosen]));
});

test("options of the same name are one option", () => {
  const abouts = Map.groupBy(
    methods.flatMap(({ options }) => Object.entries(options)),
    ([name]) => name,
  );
  for (const [name, found] of abouts) {
    const told = found.map(([, { about, argument, type, needs }]) => [about, argument, type.kind, needs]);
    expect(new Set(told.map((one) => JSON.stringify(one))).size, name).toBe(1);
  }
});
