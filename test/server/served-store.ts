import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, expect } from "vitest";

import type { Asked } from "../../src/api/protocol.ts";
import { listen, type Server } from "../../src/cli/http/server.ts";
import { studyRoutes, type DescribedRoute } from "../../src/cli/serve/routes.ts";
import { studyDesk, type StudyDesk } from "../../src/cli/serve/study-desk.ts";
import { openStorage } from "../../src/storage/open-storage.ts";
import type { Storage } from "../../src/storage/storage.ts";

/* A store that is served while the tests of a file run, and its clock. */

export const folder = mkdtempSync(join(tmpdir(), "hypertrain-serve-"));
export const clock = { time: 0, now: () => clock.time };
export let storage: Storage;
export let desk: StudyDesk;
export let routes: readonly DescribedRoute[];
export let server: Server;

beforeAll(async () => {
  storage = await openStorage(join(folder, "study.db"));
  desk = studyDesk(storage, clock, () => {});
  routes = studyRoutes(desk, storage);
  server = await listen(routes, { port: 0 });
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await storage[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

export const x = { kind: "real", low: -5, high: 5 } as const;

/** Asks the server as any program would. */
export async function call(method: string, path: string, body?: unknown) {
  const response = await fetch(`${server.url}/v1/studies${path}`, {
    method,
    ...(body !== undefined && {
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    }),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

export const asked = async (study: string, options = {}): Promise<Extract<Asked, { kind: "trial" }>> => {
  const { body } = await call("POST", `/${study}/ask`, options);
  expect(body).toMatchObject({ kind: "trial" });
  return body as unknown as Extract<Asked, { kind: "trial" }>;
};

/** Removes a study under a program's hands, and lets another of its name give the same trial. */
export async function beginAnew(spec: { readonly name: string }) {
  await storage.remove(spec.name);
  await call("POST", "", spec);
  const second = await asked(spec.name);
  expect(second).toMatchObject({ trial: 0, attempt: 1 });
  await desk.keep({ study: spec.name, ...second }, new TextEncoder().encode("of the second"));
  return async () => {
    expect(await storage.trials(spec.name)).toMatchObject([{ state: "running", attempt: 1, curve: [] }]);
    expect(new TextDecoder().decode(await desk.checkpoint({ study: spec.name, trial: 0 }))).toBe(
      "of the second",
    );
  };
}
