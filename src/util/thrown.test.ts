import { expect, test } from "vitest";

import { thrown } from "./thrown.ts";

const withStack = (message: string, stack: string) => Object.assign(new Error(message), { stack });

test("what was thrown is told in one line with that of the code", () => {
  const stack = "Error: boom\n    at node:internal/timers:1:2\n    at f (file:///a/own.mjs:3:7)";
  expect(thrown(withStack("boom\n  and why", stack))).toBe("boom and why (at /a/own.mjs:3)");
  expect(thrown(withStack("x".repeat(1000), ""))).toBe(`${"x".repeat(400)}…`);
  expect(thrown("a text")).toBe("a text");
});

test("the line of what does not parse stands first in its stack", () => {
  expect(thrown(withStack("Expected ident", "/a/own.ts:22\nconst const\n"))).toBe(
    "Expected ident (at /a/own.ts:22)",
  );
});
