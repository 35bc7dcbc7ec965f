import { networkByName, type DataSizes } from "./network-by-name.ts";

/** `wide-and-deep`. */
export const wideAndDeepNetwork = networkByName({
  name: "wide-and-deep",
  summary:
    "a linear layer `wide` beside hidden layers of `--hidden` units, ReLU, whose outputs are added; the hidden layers start with more regularisation",
  takes: ["tables", "images"],
  options: ["hidden"],
  papers: [{ label: "Cheng et al. 2016", url: "https://arxiv.org/abs/1606.07792" }],
  hypers: ({ sizes }) =>
    sizes && {
      ...{ "dropout.*": 0.3, "dropout.input": 0.1 },
      ...{ "l2.*": deepDecay(sizes), "l2.wide": wideDecay(sizes) },
    },
  tuned: "`dropout.*`, `l2.*`",
});

/** .01 for a number or two classes. More classes share the signal, so that hidden layers with such a decay would vanish and not come back. */
const deepDecay = ({ outputs }: DataSizes): number => Math.min(0.01, 0.02 / outputs);

/**
 * A tenth of the columns over the rows: the best decay of a linear model of standardised, independent columns is twice that quotient
 * times the noise's variance over the signal's, and a tenth errs on the side of clean data.
 */
const wideDecay = ({ inputs, rows }: DataSizes): number => Math.max(1e-4, (0.1 * inputs) / rows);
