import { expect, test } from "vitest";

import { Thread } from "./thread.ts";

test("whoever asks after something failed is told, and the thread goes on", async () => {
  const thread = await Thread.start();
  thread.tell("close", { session: 7 });
  await expect(thread.ask("read", { session: 8, leaves: [] })).rejects.toThrow("session 8 is not open");
  await expect(thread.ask("read", { session: 9, leaves: [] })).rejects.toThrow("session 7 is not open");
  thread.tell("open", { session: 1, leaves: [{ dtype: "int32", shape: [2], data: Int32Array.of(3, 4) }] });
  expect(await thread.ask("read", { session: 1, leaves: [0] })).toEqual([Int32Array.of(3, 4)]);
});

test("questions are worked off in their order", async () => {
  const thread = await Thread.start();
  thread.tell("open", { session: 1, leaves: [{ dtype: "int32", shape: [1], data: Int32Array.of(1) }] });
  thread.tell("write", { session: 1, leaves: [[0, Int32Array.of(2)]] });
  const before = thread.ask("read", { session: 1, leaves: [0] });
  thread.tell("write", { session: 1, leaves: [[0, Int32Array.of(3)]] });
  const after = thread.ask("read", { session: 1, leaves: [0] });
  expect([await before, await after]).toEqual([[Int32Array.of(2)], [Int32Array.of(3)]]);
});
