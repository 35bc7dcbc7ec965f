import { kind, type Step } from "../kind.ts";

/** The step `dropout`. */
export const dropoutKind = kind({
  about: "a place where elements may be dropped, at the rate that the hyperparameter `dropout.NAME` has",
  options: {},
  step: (shape, _, { name }) => dropping(name, shape, shape),
});

/** The step `channel-dropout`. */
export const channelDropoutKind = kind({
  about: "a place where whole channels of an image may be dropped, at the rate that `dropout.NAME` has",
  options: {},
  misfit: ({ length }) => (length === 3 ? undefined : "images [channels, height, width]"),
  step: (shape, _, { name }) => dropping(name, shape, [shape[0] as number, 1, 1]),
});

/** @param drawn the shape of one example's draws */
const dropping = (name: string, shape: readonly number[], drawn: readonly number[]): Step => ({
  shape,
  dropout: { name, shape: drawn },
  apply: (x, _, dropout) => dropout(name, x),
});
