import { readFileSync } from "node:fs";

import { expect, test } from "vitest";

import { networksByName } from "../../src/cli/networks/index.ts";
import type { NetworkByName } from "../../src/cli/networks/network-by-name.ts";
import { activationNames } from "../../src/nn/activation.ts";
import { kinds } from "../../src/nn/kinds.ts";

const text = readFileSync(new URL("../../docs/networks.md", import.meta.url), "utf8");

test("docs/networks.md names every kind of step with its options", () => {
  const cells = (row: string) => row.split("|").map((cell) => cell.trim());
  const rows = new Map(text.split("\n").map((row) => [cells(row)[1], cells(row)[2]]));
  for (const [name, { options }] of Object.entries(kinds)) {
    if ((activationNames as readonly string[]).includes(name)) {
      expect(text, name).toContain(`\`${name}\``);
      continue;
    }
    const listed = Object.keys(options).map((option) => `\`${option}\``);
    expect(rows.get(`\`${name}\``), name).toBe(listed.join(", "));
  }
});

test("docs/networks.md says of every network by name what it says of itself", () => {
  const data = ({ takes }: NetworkByName) =>
    takes.includes("tables") ? "all data" : takes.includes("images") ? "images" : "text";
  const rows = text.split("\n").map((row) => row.split("|").map((cell) => cell.trim()));
  for (const network of networksByName) {
    const { name, summary, tuned, papers } = network;
    const told = rows.find(([, first]) => first === `\`${name}\``)?.slice(2, -1);
    expect(told, name).toEqual([data(network), summary, tuned, papers.map(({ label }) => label).join(", ")]);
  }
});
