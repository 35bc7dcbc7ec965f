import { dropoutAlone } from "./default-hypers.ts";
import { networkByName } from "./network-by-name.ts";

/** `transformer`. */
export const transformerNetwork = networkByName({
  name: "transformer",
  summary:
    "two blocks of attention, 64 features, four heads, dropout between: an encoder of the patches of an image or the columns of a table; of a text causal, the embedding once more as the decoder",
  takes: ["tables", "images", "texts"],
  options: ["width"],
  papers: [{ label: "Vaswani et al. 2017", url: "https://arxiv.org/abs/1706.03762" }],
  hypers: ({ text }) => (text ? { ...dropoutAlone, "dropout-embedding": 0.05 } : dropoutAlone),
  tuned: "`dropout.*`, of a text `dropout-embedding` as well",
});
