import { describe, expect, test } from "vitest";

import { choice } from "../space/choice.ts";
import { integer } from "../space/integer.ts";
import { real } from "../space/real.ts";
import { createSpace, type SpaceHypers } from "../space/space.ts";
import { conditional, isActive } from "./conditions.ts";

const space = createSpace({
  layers: integer(1, { low: 1, high: 3 }),
  units: integer(4, { low: 2, high: 8 }),
  rate: real(0.1, { low: 0, high: 1 }),
  kind: choice("a", { options: ["a", "b"] }),
});

describe("a hyperparameter exists", () => {
  const searched = conditional(space, {
    units: { of: "layers", in: [2, 3] },
    rate: { of: "units", in: [2, 4] },
  });

  test("where the other has one of the values, and exists itself", () => {
    const active = (layers: number, units: number) =>
      ["layers", "units", "rate", "kind"].filter((name) => isActive(searched, name, { layers, units }));
    expect(active(1, 4)).toEqual(["layers", "kind"]);
    expect(active(2, 3)).toEqual(["layers", "units", "kind"]);
    expect(active(3, 4)).toEqual(["layers", "units", "rate", "kind"]);
  });

  test("everywhere without a condition", () => {
    expect(isActive(space, "rate", {})).toBe(true);
  });

  test("and the space is otherwise the same", () => {
    expect(searched.names).toEqual(space.names);
    expect(space).not.toHaveProperty("conditions");
  });
});

describe("what is refused", () => {
  test.each([
    [
      "a name that is unknown",
      { unit: { of: "layers", in: [2] } },
      'got "unit"; mend the name; did you mean "units"?',
    ],
    [
      "another that is unknown",
      { units: { of: "layer", in: [2] } },
      'got "layer"; mend the name; did you mean "layers"?',
    ],
    [
      "a real",
      { units: { of: "rate", in: [0.5] } },
      'must depend on a choice or on a single integer, but got "rate"',
    ],
    ["no value", { units: { of: "layers", in: [] } }, 'must exist at some value of "layers", but got none'],
    [
      "a value that it cannot have",
      { units: { of: "layers", in: [4] } },
      "an integer from 1 to 3, but got 4",
    ],
    ["an option that there is not", { units: { of: "kind", in: ["c"] } }, 'one of ["a","b"], but got "c"'],
    [
      "a circle",
      { units: { of: "layers", in: [2] }, layers: { of: "units", in: [2] } },
      "got units of layers of units",
    ],
    ["itself", { units: { of: "units", in: [2] } }, "got units of units"],
  ])("%s", (_, conditions, message) => {
    expect(() => conditional<SpaceHypers, string>(space, conditions)).toThrow(message);
  });
});
