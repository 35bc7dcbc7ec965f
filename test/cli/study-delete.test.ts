/** Deleting a study that somebody trains, or trained until it died. */
import { expect, test } from "vitest";

import { thisProcess } from "../../src/artifacts/machine.ts";
import { askedConfigOf, planOf } from "../../src/cli/serve/asked-study.ts";
import { deleteStudy } from "../../src/cli/study/study-acts.ts";
import { openStorage } from "../../src/storage/open-storage.ts";
import { nextSegment } from "../../src/study/next-segment.ts";

test("a study is deleted once the processes that held its trials have ended, and not before", async () => {
  const config = await askedConfigOf({
    ...{ name: "s", method: "random", trials: 5 },
    space: { x: { kind: "real", low: 0, high: 1 } },
  });
  const plan = await planOf(config);
  await using storage = await openStorage(":memory:");
  await storage.create("s", config);
  const claim = (worker: object) =>
    storage.claim("s", JSON.stringify(worker), (trials, wanted) => nextSegment(plan, trials, wanted));

  const ended = { ...thisProcess(), started: "1" }; // a process of this number that was another
  await claim(ended);
  const claimed = await claim(thisProcess());
  await expect(deleteStudy(storage, "s")).rejects.toThrow(/must not be worked on, but 1 of the trials/);
  if (claimed.kind !== "segment") throw new Error("a trial was expected");
  await storage.tell(claimed.claim, { kind: "handed back" });
  const far = { ...storage, remove: () => Promise.resolve(["s3://bucket"]) };
  expect(await deleteStudy(far, "s")).toMatch(
    /^s is deleted, but artifacts in s3:\/\/bucket are out of reach/,
  );
  expect(await deleteStudy(storage, "s")).toBe("s is deleted");
  expect(await storage.find("s")).toBeUndefined();
});
