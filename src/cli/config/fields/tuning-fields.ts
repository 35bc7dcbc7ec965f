import { DEFAULT_METHOD, methods } from "../../../methods/lookup.ts";
import { families } from "../../../methods/families.ts";
import { parseHyperFlag } from "../hyper-flag.ts";
import { type Field, text } from "./field.ts";
import { methodFields } from "./method-fields.ts";

/** The names of hyperparameters; those of an architecture in the form that they have where it is told. */
const hyperNames = (architecture: string): string =>
  "Names: dropout, dropout.input, dropout.fc1, ..., l2, l2.fc1, l2.each, the same with l1; .* for every layer; " +
  "cutout.length, cutout.holes, rotate, translate, scale, shear, brightness, contrast, saturation, hue, flip, crop, input-scale, mixup, rand-augment and trivial-augment for images, by delta-stn, centered-stn, stn and searches; " +
  `${architecture}, for smash and searches; ` +
  "lr and momentum, for unrolled, forward-unrolled, reversible, drmad and searches: --schedule is a factor on such an lr. ";

/** How the hyperparameters are found. */
export const tuningFields = {
  method: {
    group: "Tuning:",
    basic: true,
    brief:
      "delta-stn, stn, unrolled, … train once; random, tpe, gp, hyperband, … again and again; fixed does not tune; auto chooses (default: delta-stn)",
    argument: "NAME",
    read: text,
    about: `${familiesInWords()}; or auto, which chooses one of these by the problem and says why (default: ${DEFAULT_METHOD})`,
  },
  hyper: {
    group: "Tuning:",
    basic: true,
    brief:
      "a hyperparameter to tune, NAME=START or NAME=START:LOW..HIGH; repeatable, in the place of the default ones (default: by the network and the data, docs/networks.md)",
    argument: "NAME=SPEC",
    read: parseHyperFlag,
    repeatable: true,
    about:
      "a hyperparameter to tune, NAME=START, NAME=START:LOW..HIGH or NAME=A|B; repeatable, in the place of the default set " +
      "(default: dropout.*=0.05 l2.*=0.0001, for tables and some networks others: docs/networks.md). " +
      hyperNames("width.fc1=64:8..128, activation.fc1=relu|tanh|gelu and skip.fc2=false|true") +
      "The range may be left out. More behind commas: log, discrete, scale=X, tuneScale=false, perturb=minibatch",
    inConfig:
      'hyperparameters to tune, each with its start, a range or its options, for example {"dropout.*": 0.05, "l2": {"start": 0.0001, "low": 0.000001, "high": 1}, "activation.fc1": ["relu", "tanh"]}, ' +
      'in the place of the default set (default: {"dropout.*": 0.05, "l2.*": 0.0001}, for tables and some networks others: docs/networks.md). ' +
      hyperNames(
        '{"width.fc1": {"start": 64, "low": 8, "high": 128}, "activation.fc1": ["relu", "tanh", "gelu"], "skip.fc2": [false, true]}',
      ) +
      "The range may be left out",
  },
  ...methodFields,
  baseline: {
    group: "Tuning:",
    basic: true,
    about: "train once more with the starting hyperparameters held, to compare (default: yes)",
  },
} satisfies Readonly<Record<string, Field>>;

function familiesInWords(): string {
  return [...Map.groupBy(methods, ({ family }) => family)]
    .map(([family, of]) => `${of.map(({ name }) => name).join(", ")}, ${families[family]}`)
    .join("; ");
}
