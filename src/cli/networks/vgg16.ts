import { dropoutAlone } from "./default-hypers.ts";
import { networkByName } from "./network-by-name.ts";

/** `vgg16`. */
export const vgg16Network = networkByName({
  name: "vgg16",
  summary:
    "thirteen convolutions of 3 x 3 (64 to 512 channels), five poolings, two hidden layers of 512 units; dropout between",
  takes: ["images"],
  options: ["width"],
  papers: [{ label: "Simonyan and Zisserman 2014", url: "https://arxiv.org/abs/1409.1556" }],
  hypers: () => dropoutAlone,
  tuned: "`dropout.*`",
});
