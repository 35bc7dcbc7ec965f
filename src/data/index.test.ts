import { build } from "esbuild";
import { expect, test } from "vitest";

test("the data entry point bundles for browsers, without Node modules", async () => {
  const { outputFiles, metafile } = await build({
    entryPoints: [new URL("./index.ts", import.meta.url).pathname],
    bundle: true,
    write: false,
    metafile: true,
    platform: "browser",
    format: "esm",
    logLevel: "silent",
  });
  expect(outputFiles).toHaveLength(1);
  expect(
    Object.values(metafile.inputs).flatMap(({ imports }) => imports.filter(({ external }) => external)),
  ).toEqual([]);
});
