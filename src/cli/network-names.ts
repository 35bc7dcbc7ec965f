/** Networks that have a name; any other is a JSON file. */
export const networkNames = [
  "mlp",
  "linear",
  "simple-cnn",
  "alexnet",
  "vgg16",
  "resnet18",
  "lstm",
  "transformer",
] as const;

/** The networks by name. */
export type NetworkName = (typeof networkNames)[number];

/** Those of images, whose steps take most of their time for each row. */
export const imageNetworkNames: readonly string[] = ["simple-cnn", "alexnet", "vgg16", "resnet18"];
