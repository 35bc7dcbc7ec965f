import { defaultHypers } from "./default-hypers.ts";
import { networkByName } from "./network-by-name.ts";

/** `linear`. */
export const linearNetwork = networkByName({
  name: "linear",
  summary: "one linear layer",
  takes: ["tables", "images"],
  options: [],
  papers: [],
  hypers: () => defaultHypers,
  tuned: "`dropout.*`, `l2.*`",
});
