import { dropoutAlone } from "./default-hypers.ts";
import { networkByName } from "./network-by-name.ts";

/** `resnet18`. */
export const resnet18Network = networkByName({
  name: "resnet18",
  summary:
    "a convolution and eight residual blocks of two (64 to 512 channels), batch or group normalisation, dropout between",
  takes: ["images"],
  options: ["width", "norm"],
  papers: [{ label: "He et al. 2015", url: "https://arxiv.org/abs/1512.03385" }],
  hypers: () => dropoutAlone,
  tuned: "`dropout.*`",
});
