import { expect, test } from "vitest";

import { heldSession } from "./held-session.ts";
import { jaxEngine } from "./jax.ts";

test("a session is freed once, and says so to whoever asks afterwards", async () => {
  const opened = (await jaxEngine()).open({}, {}, "float32");
  let freed = 0;
  const counting = { ...opened, dispose: () => void (freed += 1) };
  const session = heldSession(counting, { holder: "the model", anew: "load it again" });
  expect(await session.read()).toEqual({});
  session.dispose();
  session.dispose();
  expect(freed).toBe(1);
  const refusal = "the model must be used before dispose() frees it, but was freed; load it again";
  await expect(session.run("any" as never, {} as never)).rejects.toThrow(refusal);
  await expect(session.read()).rejects.toThrow(refusal);
  expect(() => session.write({})).toThrow(refusal);
});
