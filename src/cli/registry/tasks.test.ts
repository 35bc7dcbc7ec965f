import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import sharp from "sharp";
import { expect, onTestFinished, test } from "vitest";

import { parseConfig } from "../config.ts";
import { loadTask } from "./tasks.ts";

test("a run is called by the file that it reads without its extension, and by the whole name of a folder", async () => {
  const place = mkdtempSync(join(tmpdir(), "hypertrain-tasks-"));
  onTestFinished(() => rmSync(place, { recursive: true, force: true }));
  const nameOf = async (config: object) => (await loadTask(parseConfig(config, String))).name;
  for (const [i, name] of ["a", "b"].entries()) {
    mkdirSync(join(place, "photos.v2", name), { recursive: true });
    const background = { r: 100 * i, g: 0, b: 50 };
    const image = await sharp({ create: { width: 3, height: 3, channels: 3, background } })
      .png()
      .toBuffer();
    for (let j = 0; j < 5; j++) writeFileSync(join(place, "photos.v2", name, `${j}.png`), image);
  }
  writeFileSync(
    join(place, "table.v2.csv"),
    `x,y\n${Array.from({ length: 40 }, (_, i) => `${i},${i % 7}.5`).join("\n")}\n`,
  );
  expect(await nameOf({ data: join(place, "photos.v2") })).toBe("photos.v2");
  expect(await nameOf({ data: `${join(place, "photos.v2")}/` })).toBe("photos.v2");
  expect(await nameOf({ data: join(place, "table.v2.csv"), target: "y" })).toBe("table.v2");
  expect(await nameOf({ data: "wine" })).toBe("wine");
});
