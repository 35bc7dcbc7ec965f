import { createSearch, type Search, type SearchOptions } from "../search/ask-tell.ts";
import { conditional, isActive, type SearchSpace } from "../search/conditions.ts";
import type { Sampler, SuggestRequest, Trial } from "../search/sampler.ts";
import { choice } from "../space/choice.ts";
import { integer } from "../space/integer.ts";
import { real } from "../space/real.ts";
import { createSpace, toUnconstrained, type HyperValues } from "../space/space.ts";
import { toUnit } from "../space/unit.ts";
import { HypertrainError } from "../util/error.ts";
import { demand, type ContractCase } from "./contract.ts";
import { demandGiven } from "../util/given.ts";
import { functionOf } from "../util/rule.ts";

/**
 * What searches rely on in every sampler.
 *
 * @param make makes the sampler, new each time, with settings under which it learns, if it ever does, from at least eight trials
 * @throws {HypertrainError} for what is no function.
 */
export function samplerContract(make: () => Sampler): ContractCase[] {
  demandGiven("samplerContract", { make }, { make: functionOf("that makes a sampler") });
  return [
    {
      name: "has a name that commands can spell",
      async run() {
        const { name } = make();
        demand(/^[a-z][a-z0-9-]*$/.test(name), `a sampler's name must be in kebab case, but is "${name}"`);
      },
    },
    ...Object.entries(spaces).map(([kind, space]) => ({
      name: `suggests values that ${kind} has, and all of them`,
      async run() {
        for (const { values } of driven(space, make(), 20, { seed: 1 }).trials) {
          demandInside(space, values);
        }
      },
    })),
    {
      name: "suggests the same from the same request, whatever it was asked before and in whatever order trials come",
      async run() {
        const request = requestOf(mixed, make, 14);
        const used = make();
        const before = requestOf(flat, make, 9);
        for (const one of [request, before, { ...request, number: 50 }]) used.suggest(one);
        const expected = make().suggest(request);
        demandEqual(used.suggest(request), expected, "the suggestion of a sampler in use");
        const reversed = { ...request, trials: request.trials.toReversed() };
        demandEqual(make().suggest(reversed), expected, "the suggestion from trials in another order");
      },
    },
    {
      name: "suggests something else from another seed, at first and later",
      async run() {
        for (const count of [0, 14]) {
          const request = requestOf(flat, make, count);
          const all = [0, 1, 2, 3].map((seed) => JSON.stringify(make().suggest({ ...request, seed })));
          demand(
            new Set(all).size > 1,
            `other seeds must suggest other values, but four suggest ${all[0] as string} after ${count} trials`,
          );
        }
      },
    },
    {
      name: "suggests different values to trials that run at once",
      async run() {
        for (const count of [0, 12]) {
          const search = driven(flat, make(), count, { seed: 2 });
          const all = Array.from({ length: 5 }, () => JSON.stringify(search.ask().values));
          demand(new Set(all).size === 5, `five trials at once must differ, but are ${all.join(", ")}`);
        }
      },
    },
    ...[3, 13].map((stopAt) => ({
      name: `goes on as it would have when it is stopped after trial ${stopAt} and restored from JSON`,
      async run() {
        const whole = driven(mixed, make(), 18, { seed: 3 });
        const part = driven(mixed, make(), stopAt, { seed: 3 });
        const trials = JSON.parse(JSON.stringify(part.trials)) as Trial[];
        const resumed = driven(mixed, make(), 18 - stopAt, { seed: 3, trials });
        demandEqual(resumed.trials, whole.trials, "the history of the resumed search");
      },
    })),
    {
      name: "leaves the history and the space as they are",
      async run() {
        const request = requestOf(mixed, make, 12);
        const trials = JSON.parse(JSON.stringify(request.trials)) as Trial[];
        const before = JSON.stringify(trials);
        make().suggest({ ...request, trials });
        demand(JSON.stringify(trials) === before, "a sampler must not change the history");
      },
    },
    {
      name: "works with failed, pruned and running trials, and with nothing else",
      async run() {
        const { trials, ...request } = requestOf(mixed, make, 16);
        for (const end of [...Object.values(ends), (trial: Trial, i: number) => varied(trial, i)]) {
          demandInside(mixed, make().suggest({ ...request, trials: trials.map(end) }));
        }
      },
    },
    {
      name: "works with losses that are all equal, huge, or both huge and small",
      async run() {
        const { trials, ...request } = requestOf(flat, make, 12);
        for (const loss of [
          () => 7,
          (i: number) => (i - 6) * 1e300,
          (i: number) => (i < 9 ? i * 1e-9 : 1e200),
        ]) {
          const told = trials.map((trial, i) => ({ ...trial, state: "finished" as const, value: loss(i) }));
          demandInside(flat, make().suggest({ ...request, trials: told }));
        }
      },
    },
    {
      name: "goes on in a space of four points when all have been tried",
      async run() {
        const { trials } = driven(fourPoints, make(), 12, { seed: 4 });
        for (const { values } of trials) demandInside(fourPoints, values);
        const tried = new Set(trials.map(({ values }) => JSON.stringify(values))).size;
        demand(tried > 1, "a sampler must not stay at one of four points");
      },
    },
    {
      name: "works in a space of one point and in one of none",
      async run() {
        for (const space of [createSpace({ only: choice("one", { options: ["one"] }) }), createSpace({})]) {
          for (const { values } of driven(space, make(), 12, {}).trials) demandInside(space, values);
        }
      },
    },
    {
      name: "repeats nothing within its size, if it has one",
      async run() {
        const { size, suggest } = make();
        for (const space of size ? [flat, nested] : []) {
          const count = size?.(space) as number;
          const all = Array.from({ length: count }, (_, number) =>
            JSON.stringify(suggest({ space, trials: [], seed: 0, number })),
          );
          demand(
            new Set(all).size === count,
            `${count} suggestions must differ, but ${new Set(all).size} do in ${space.names.join()}`,
          );
        }
      },
    },
    {
      name: "refuses a range that is not finite",
      async run() {
        const space = createSpace({ rate: real(1, { log: true }) });
        let refused: unknown;
        try {
          make().suggest({ space, trials: [], seed: 0, number: 0 });
        } catch (error) {
          refused = error;
        }
        demand(
          refused instanceof HypertrainError &&
            refused.code === "input" &&
            refused.message.includes("finite"),
          `a sampler must refuse a range without an end as wrong input, but gave ${String(refused)}`,
        );
      },
    },
  ];
}

const flat = createSpace({
  x: real(0, { low: -1, high: 2 }),
  y: real(0.1, { low: 1e-3, high: 1, log: true }),
});

const mixed = createSpace({
  rate: real(0.01, { low: 1e-4, high: 1, log: true }),
  drops: real(0.1, { low: 0, high: 0.9, shape: [2] }),
  units: integer(8, { low: 1, high: 64, log: true }),
  activation: choice("relu", { options: ["relu", "tanh", "gelu"] }),
  bias: choice(true, { options: [true, false] }),
});

const nested = conditional(
  createSpace({
    layers: integer(1, { low: 1, high: 3 }),
    units2: integer(4, { low: 2, high: 5 }),
    drop2: real(0.1, { low: 0, high: 0.5 }),
    units3: integer(4, { low: 2, high: 5 }),
    kind: choice("plain", { options: ["plain", "gated"] }),
    gate: real(0.5, { low: 0, high: 1 }),
    shapes: real(1, { low: 0.5, high: 2, shape: [2] }),
  }),
  {
    units2: { of: "layers", in: [2, 3] },
    drop2: { of: "units2", in: [3, 4] },
    units3: { of: "layers", in: [3] },
    gate: { of: "kind", in: ["gated"] },
    shapes: { of: "kind", in: ["gated"] },
  },
);

const fourPoints = createSpace({
  a: choice("p", { options: ["p", "q"] }),
  n: integer(3, { low: 3, high: 4 }),
});

const spaces: Readonly<Record<string, SearchSpace>> = {
  "a space of reals": flat,
  "a mixed space": mixed,
  "a conditional space": nested,
};

/** Some function of all that there is, so that samplers have something to learn. */
function lossOf(space: SearchSpace, values: Readonly<HyperValues>): number {
  return Object.entries(values).reduce((sum, [name, value]) => {
    const hyper = space.hypers[name] as SearchSpace["hypers"][string];
    const parts = Array.isArray(value) ? (value as number[]) : [value as number];
    return sum + parts.reduce((total, part) => total + (toUnit(hyper, part) - 0.3) ** 2, 0);
  }, 0);
}

/** A search that has asked so many trials and told them, now and then a failure. */
function driven(space: SearchSpace, sampler: Sampler, count: number, options: SearchOptions): Search {
  const search = createSearch(space, sampler, options);
  for (let i = 0; i < count; i++) {
    const { number, values } = search.ask();
    search.tell(number, number % 7 === 5 ? { failed: "it was the sixth" } : lossOf(space, values));
  }
  return search;
}

function requestOf(space: SearchSpace, make: () => Sampler, count: number): SuggestRequest {
  const { trials } = driven(space, make(), count, { seed: 5 });
  return { space, trials, seed: 5, number: count };
}

/** How all trials of a history may have ended. */
const ends: Readonly<Record<string, (trial: Trial) => Trial>> = {
  failed: ({ number, values }) => ({ number, values, state: "failed" }),
  running: ({ number, values }) => ({ number, values, state: "running" }),
  pruned: ({ number, values }) => ({ number, values, state: "pruned" }),
  valued: ({ number, values }) => ({ number, values, state: "pruned", value: number % 3 }),
};

/** Every kind of trial in one history. */
const varied = (trial: Trial, i: number): Trial => (Object.values(ends)[i % 7] ?? ((same) => same))(trial);

function demandInside(space: SearchSpace, values: Readonly<HyperValues>): void {
  const wanted = space.names.filter((name) => isActive(space, name, values));
  demandEqual(Object.keys(values).sort(), wanted.toSorted(), "the names of a suggestion");
  const { hypers } = space;
  const chosen = wanted.filter((name) => hypers[name]?.kind === "choice");
  for (const name of chosen) toUnit(hypers[name] as never, values[name] as never); // throws for what is no option
  // Throws for what is not strictly inside the range, no integer, or not as many numbers as the shape holds.
  const active = createSpace(Object.fromEntries(wanted.map((name) => [name, hypers[name] as never])));
  toUnconstrained(active, values);
}

function demandEqual(actual: unknown, expected: unknown, what: string): void {
  const [found, wanted] = [JSON.stringify(actual), JSON.stringify(expected)];
  demand(found === wanted, `${what} must be ${wanted}, but is ${found}`);
}
