import { expect, test, vi } from "vitest";

test("ask and tell: what is in use is tried first, and something better is found where it is", async () => {
  const log = vi.spyOn(console, "log").mockReturnValue(undefined);
  await import("../../examples/ask-and-tell.ts");
  const lines = log.mock.calls.map(([line]) => String(line));
  log.mockRestore();
  expect(lines[0]).toBe("today 0.500"); // 1 - 0.2 - 0.2 - 0.1
  const [, best, values] = /^best ([\d.]+) at (\{.*\})$/.exec(lines[1] as string) as unknown as string[];
  expect(Number(best)).toBeGreaterThan(0.95);
  expect(JSON.parse(values as string)).toMatchObject({ kind: "tanh", layers: 2 });
});
