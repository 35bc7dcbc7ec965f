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

/** The step `sequence-dropout`. */
export const sequenceDropoutKind = kind({
  about:
    "a place where numbers may be dropped at all steps of a sequence at once, at the rate that `dropout.NAME` has",
  options: {},
  misfit: ({ length }) => (length === 2 ? undefined : "sequences [steps, numbers]"),
  step: (shape, _, { name }) => dropping(name, shape, [1, shape[1] as number]),
});

/** @param drawn the shape of one example's draws */
const dropping = (name: string, shape: readonly number[], drawn: readonly number[]): Step => ({
  shape,
  place: { name, shape: drawn },
  apply: (x, _, act) => act(name, x),
});
