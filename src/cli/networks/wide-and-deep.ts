import { networkByName } from "./network-by-name.ts";

/** `wide-and-deep`. */
export const wideAndDeepNetwork = networkByName({
  name: "wide-and-deep",
  summary:
    "a linear layer `wide` beside hidden layers of `--hidden` units, ReLU, whose outputs are added; the hidden layers start with more regularisation",
  takes: ["tables", "images"],
  options: ["hidden"],
  papers: [{ label: "Cheng et al. 2016", url: "https://arxiv.org/abs/1606.07792" }],
  hypers: () => nearlyLinear,
  tuned: "`dropout.*`, `l2.*`",
});

/** Hidden layers that add little at first, beside a linear layer with the usual weight decay: bench/README.md. */
const nearlyLinear = { "dropout.*": 0.3, "dropout.input": 0.1, "l2.*": 1e-2, "l2.wide": 1e-4 } as const;
