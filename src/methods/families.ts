import type { Family } from "./method.ts";

/** What the methods of each family do, to follow their names. */
export const families: Readonly<Record<Family, string>> = {
  "self-tuning": "which learn how the weights respond",
  "hyper-training": "which train a hypernetwork",
  hypergradient: "which differentiate training itself",
  architecture: "which chooses an architecture",
  baseline: "which does not tune",
  search: "which train again and again",
};
