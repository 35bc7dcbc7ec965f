import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import sharp from "sharp";
import { expect, test } from "vitest";

import { call, useFolder } from "../cli/command.ts";

useFolder();

/** Customers of households, with dates, missing values and a semicolon between the fields. */
function writeCustomers(): void {
  const rows = Array.from({ length: 240 }, (_, i) => {
    const joined = `20${20 + Math.floor(i / 120)}-${String(1 + (Math.floor(i / 10) % 12)).padStart(2, "0")}-${String(1 + (i % 28)).padStart(2, "0")}`;
    const region = ["north", "south", "east"][i % 3];
    const visits = i % 17 === 0 ? "" : 1 + ((7 * i) % 40);
    const spent = 20 + ((i * i) % 311);
    return [
      `C${1000 + i}`,
      `H${Math.floor(i / 3)}`,
      region,
      joined,
      visits,
      spent,
      (i * i) % 7 < 2 ? "yes" : "no",
    ].join(";");
  });
  writeFileSync("customers.csv", ["customer;household;region;joined;visits;spent;churn", ...rows].join("\n"));
}

/** A folder of images for each of two classes, and a text. */
async function writeOthers(): Promise<void> {
  for (const [label, name] of ["cat", "dog"].entries()) {
    mkdirSync(`photos/${name}`, { recursive: true });
    for (let i = 0; i < 10; i++) {
      const background = { r: 90 * label + 5 * i, g: 9 * i, b: 7 };
      await sharp({ create: { width: 40, height: 30, channels: 3, background } })
        .png()
        .toFile(`photos/${name}/${i}.png`);
    }
  }
  writeFileSync("book.txt", "the cat sat on the mat, and the dog saw it\n".repeat(40));
}

const page = readFileSync(join(import.meta.dirname, "../../docs/data.md"), "utf8");
const commands = [...page.matchAll(/^hypertrain (.*)$/gm)].map(([, line]) => line as string);

test("docs/data.md has an example of every flag of tables", () => {
  const flags = [
    "missing",
    "separator",
    "ignore",
    "keep",
    "types",
    "group",
    "time-column",
    "stratify",
    "class-weights",
  ];
  for (const flag of [...flags, "target-transform", "dates"])
    expect(
      commands.some((command) => command.includes(`--${flag}`)),
      flag,
    ).toBe(true);
});

test.each(commands)("hypertrain %s", async (command) => {
  writeCustomers();
  if (/photos|book/.test(command)) await writeOthers();
  const argv = command.split(" ").map((word) => word.replace(/^'(.*)'$/, "$1"));
  const quick =
    argv[0] === "tune"
      ? ["--epochs", "1", "--hidden", "4", "--no-baseline", "--quiet", "--engine", "jax"]
      : [];
  const { code, stdout, stderr } = await call(...argv, ...quick);
  if (command.includes("--missing error")) {
    expect([code, stderr]).toEqual([2, expect.stringMatching(/must have all values, .* "visits" 15/)]);
    return;
  }
  expect([code, stderr]).toEqual([0, ""]);
  expect(stdout).not.toBe("");
});
