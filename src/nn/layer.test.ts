import { defaultDevice, init, numpy as np } from "@jax-js/jax";
import { beforeAll, expect, test } from "vitest";

import { HypertrainError } from "../util/error.ts";
import { linear } from "./kinds/linear.ts";
import { plainLayers } from "./layer.ts";

beforeAll(async () => {
  await init("cpu");
  defaultDevice("cpu");
});

test("a layer that is applied to what its weight does not fit is named, with both shapes", () => {
  const head = linear({ name: "head", inputs: 64, outputs: 10 });
  const layers = plainLayers({ head: { weight: np.ones([64, 10]), bias: np.ones([10]) } });
  const apply = () => layers.apply(head, np.ones([2, 512]));
  expect(apply).toThrow(HypertrainError);
  expect(apply).toThrow(
    /^the layer "head" must .* kind linear with a weight of shape \[64, 10\], and was applied to the shape \[2, 512\] \(.*\); mend/,
  );
});
