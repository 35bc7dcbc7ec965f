import { readFileSync } from "node:fs";

import { expect, test } from "vitest";

import { benchTuning } from "./bench-tuning.ts";
import { peerArguments, type BenchWork } from "./bench-work.ts";
import { hypernetWork } from "./hypernet-work.ts";
import { languageWork, type LanguageSize } from "./language-work.ts";
import { networkWork } from "./network-work.ts";
import { mnistSize, stepWork } from "./workload.ts";

const tuning = benchTuning("delta-stn", {});
const small: LanguageSize = { network: "lstm", units: 2, layers: 1, words: 3, steps: 2, batch: 2 };

test.each<[string, () => BenchWork, readonly string[]]>([
  ["a network by name", () => networkWork(tuning, "simple-cnn"), ["--threads", "1"]],
  ["a language model", () => languageWork(tuning, small), ["--threads", "1"]],
  ["layers", () => stepWork(tuning, mnistSize), ["--torch-threads", "1", "--blas-threads", "1"]],
  ["a hypernetwork", () => hypernetWork("global"), ["--torch-threads", "1", "--blas-threads", "1"]],
])("the peer of %s takes as many threads as the engines", (_, make, flags) => {
  const { peer } = make();
  expect(peerArguments(peer, undefined)).toEqual(peer.args);
  expect(peerArguments(peer, 1)).toEqual([...peer.args, ...flags]);
  const program = readFileSync(new URL(`../../../bench/peers/${peer.script}`, import.meta.url), "utf8");
  for (const flag of peer.threadFlags) expect(program).toContain(flag);
});
