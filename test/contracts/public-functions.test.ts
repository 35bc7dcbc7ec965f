import { readFileSync } from "node:fs";

import { describe, expect, test } from "vitest";

import { HypertrainError } from "../../src/util/error.ts";
import { briefText } from "../../src/util/brief-text.ts";
import { entryPoints, type PublicFunction } from "./public-functions.ts";

test("every entry point is on the list, but for jax-js's own", () => {
  const { exports } = JSON.parse(readFileSync("package.json", "utf8")) as {
    exports: Record<string, unknown>;
  };
  const modules = Object.keys(exports).filter((entry) => !entry.endsWith(".json") && entry !== "./jax");
  expect(Object.keys(entryPoints).sort()).toEqual(modules.sort());
});

test.each(Object.entries(entryPoints))("every function of %s is on the list", (_, [exported, listed]) => {
  const functions = Object.entries(exported).filter(([, value]) => typeof value === "function");
  const lacking = functions.filter(([name]) => listed[name] === undefined).map(([name]) => name);
  expect(lacking).toEqual([]);
});

const functions = Object.entries(entryPoints).flatMap(([entry, [, listed]]) =>
  Object.entries(listed).flatMap(([name, said]): [string, PublicFunction][] =>
    typeof said === "object" ? [[`${entry} ${name}`, said]] : [],
  ),
);

describe.each(functions)("%s", (_, { call, given, options, kinds }) => {
  /** What comes of the call with another argument at a place; as JavaScript calls it, which has no types. */
  const withAt = async (place: number, other: unknown) =>
    (call as (...given: unknown[]) => unknown)(
      ...given.map((argument, i) => (i === place ? other : argument)),
    );

  test.each(options)(
    "refuses unknown options and wrong values as argument %i, in a sentence",
    async (place) => {
      const own = given[place] as Readonly<Record<string, unknown>>;
      for (const stranger of ["constructor", "xyzzy", ...Object.keys(own).map(misspelt)]) {
        await expect(withAt(place, { ...own, [stranger]: 1 }), stranger).rejects.toThrow(
          new RegExp(`must be given options of its own, but got "${stranger}"`),
        );
      }
      for (const name of Object.keys(own)) {
        await refuses(withAt(place, { ...own, [name]: Symbol("odd") }), name);
      }
    },
  );

  test.each(options)("names the option that is near, of argument %i", async (place) => {
    const own = given[place] as Readonly<Record<string, unknown>>;
    for (const name of Object.keys(own).filter((name) => name.length > 5)) {
      const near = new RegExp(`but got "${misspelt(name)}"; did you mean "${name}"\\?`);
      await expect(withAt(place, { ...own, [misspelt(name)]: 1 })).rejects.toThrow(near);
    }
  });

  test.each(options)(
    "takes an option that is undefined for one that is left out, in argument %i",
    async (place) => {
      const own = given[place] as Readonly<Record<string, unknown>>;
      for (const name of Object.keys(own)) {
        const { [name]: _left, ...others } = own;
        const said = await messageOf(withAt(place, { ...others, [name]: undefined }));
        if (said !== undefined) expect(said, name).toBe(await messageOf(withAt(place, others)));
      }
    },
  );

  test.each([...new Set([...options, ...kinds])])(
    "refuses what is no such thing as argument %i",
    async (place) => {
      for (const other of [null, -5.5, Symbol("odd"), "oddity", [Symbol("odd")]]) {
        if (typeof given[place] === "string" && other === "oddity") continue; // any text may be one
        await refuses(withAt(place, other), briefText(other));
      }
    },
  );

  test.each(kinds)("says of a promise as argument %i to await it", async (place) => {
    await expect(withAt(place, Promise.resolve(given[place]))).rejects.toThrow(/got a promise; await it$/);
  });
});

const misspelt = (name: string): string => `${name.slice(0, 2)}${name.slice(3)}x`;

const messageOf = (tried: Promise<unknown>): Promise<string | undefined> =>
  tried.then(
    () => undefined,
    (error: Error) => error.message,
  );

async function refuses(tried: Promise<unknown>, what: string): Promise<void> {
  const error: unknown = await tried.then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(error, `${what} is taken`).toBeInstanceOf(HypertrainError);
  expect((error as HypertrainError).code).toBe("input");
}
