/**
 * Lets the clock of a process jump by up to twelve hours forwards or back, each second: `node --import …/jumping-clock.ts`. Timers, and
 * `performance`, go on as before, as they do where somebody sets a machine's clock.
 */
import { env, pid } from "node:process";

import { randomKey, randomUniform } from "../src/util/random.ts";

const MOST = 12 * 3600_000;

const jumps = randomUniform(randomKey(Number(env["CHAOS_SEED"] ?? 0), `clock ${pid}`), 0, 3600);
const began = performance.now();
const now = Date.now.bind(Date);
const jumped = (): number => {
  const second = Math.floor((performance.now() - began) / 1000) % jumps.length;
  return now() + Math.round((2 * (jumps[second] as number) - 1) * MOST);
};

globalThis.Date = new Proxy(Date, {
  construct: (date, given: unknown[], made) =>
    Reflect.construct(date, given.length > 0 ? given : [jumped()], made) as Date,
  get: (date, name) => (name === "now" ? jumped : (Reflect.get(date, name) as unknown)),
});
