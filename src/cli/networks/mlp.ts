import { defaultHypers } from "./default-hypers.ts";
import { networkByName } from "./network-by-name.ts";

/** `mlp`. */
export const mlpNetwork = networkByName({
  name: "mlp",
  summary: "hidden layers of `--hidden` units, ReLU",
  takes: ["tables", "images"],
  options: ["hidden"],
  papers: [],
  hypers: () => defaultHypers,
  tuned: "`dropout.*`, `l2.*`",
});
