import { setTimeout as sleep } from "node:timers/promises";

import { expect, test } from "vitest";

import { repeatedly } from "./repeatedly.ts";

test("what is done repeatedly is done once at a time, until it fails or the signal comes", async () => {
  const over = new AbortController();
  let [times, now, most] = [0, 0, 0];
  const look = async () => {
    most = Math.max(most, ++now);
    await sleep(20); // longer than the pause
    now--;
    if (++times === 3) over.abort();
  };
  await repeatedly(look, 1, over.signal);
  expect([times, most]).toEqual([3, 1]);
  await repeatedly(look, 1, over.signal);
  expect(times).toBe(3);
  const failing = () => (++times === 5 ? Promise.reject(new Error("away")) : Promise.resolve());
  await expect(repeatedly(failing, 1, new AbortController().signal)).rejects.toThrow("away");
  expect(times).toBe(5);
});
