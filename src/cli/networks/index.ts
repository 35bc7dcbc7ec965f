import { mlpNetwork } from "./mlp.ts";
import { linearNetwork } from "./linear.ts";
import { simpleCnnNetwork } from "./simple-cnn.ts";
import { alexnetNetwork } from "./alexnet.ts";
import { vgg16Network } from "./vgg16.ts";
import { resnet18Network } from "./resnet18.ts";
import { lstmNetwork } from "./lstm.ts";
import { transformerNetwork } from "./transformer.ts";
import { wideAndDeepNetwork } from "./wide-and-deep.ts";

/** The networks by name, in the order in which lists have them; any other is a file. */
export const networksByName = [
  mlpNetwork,
  linearNetwork,
  wideAndDeepNetwork,
  simpleCnnNetwork,
  alexnetNetwork,
  vgg16Network,
  resnet18Network,
  lstmNetwork,
  transformerNetwork,
] as const;
