import { expect, test } from "vitest";

import { workError } from "../../util/error.ts";
import { strayError } from "./stray-error.ts";

test("an error of hypertrain's own is told as what it is", () => {
  const known = workError("the disk is full");
  expect(strayError(known)).toBe(known);
  const bug = Object.assign(new Error("oops"), { stack: "Error: oops\n    at node:internal/timers:1:2" });
  expect(strayError(bug)).toBe(bug);
});

test("what code of a module throws is bad input", () => {
  const late = Object.assign(new Error("late"), { stack: "Error: late\n    at file:///a/own.mjs:3:7" });
  const { message } = strayError(late) as Error;
  expect(strayError(late)).toMatchObject({ code: "input" });
  expect(message).toContain("threw: late (at /a/own.mjs:3)");
  expect(strayError("late")).toMatchObject({ code: "input" });
});
