import type { Network } from "../network.ts";
import { namedNetwork, type NamedNetworkOptions } from "./named.ts";

/**
 * The small convolutional network of Delta-STN's experiment on Fashion-MNIST (Bae and Grosse 2020): two convolutions of 5 x 5 to 16 and 32
 * channels, each followed by max-pooling, and a hidden layer of as many units as they leave numbers. It has 2,489,130 parameters on images of
 * 28 x 28, and four places of dropout: `input`, `conv1`, `conv2` (whole channels) and `fc1`.
 *
 * The activation comes behind the pooling, which gives the same numbers for a quarter of its work.
 *
 * @throws {HypertrainError} for anything but images of at least 4 x 4.
 */
export const simpleCnn = (options: NamedNetworkOptions): Network =>
  namedNetwork("simple-cnn", options, (wide, input) => {
    const [height = 0, width = 0] = input.slice(1);
    const block = (channels: number) =>
      [
        { layer: "conv2d", channels, kernel: 5, padding: 2 },
        { layer: "max-pool", kernel: 2 },
        { layer: "relu" },
        { layer: "channel-dropout" },
      ] as const;
    return [
      { layer: "channel-dropout" },
      ...block(wide(16)),
      ...block(wide(32)),
      { layer: "flatten" },
      { layer: "linear", outputs: wide(32) * Math.floor(height / 4) * Math.floor(width / 4) },
      { layer: "relu" },
      { layer: "dropout" },
      { layer: "linear" },
    ];
  });
