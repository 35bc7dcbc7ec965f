import type { Network } from "../network.ts";
import { namedNetwork, type NamedNetworkOptions } from "./named.ts";

/**
 * VGG16 as Delta-STN's experiment on CIFAR-10 has it (Bae and Grosse 2020), without normalisation: thirteen convolutions of 3 x 3 in five
 * blocks, each ended by pooling, and two hidden layers of 512 units. It has 15,245,130 parameters on images of 3 x 32 x 32 in ten classes, and
 * sixteen places of dropout: `input`, `conv1` to `conv13` (whole channels), `fc1` and `fc2`. Its convolutions start as the authors' do (He et al. 2015): from PyTorch's
 * start signals die out in thirteen of them, and nothing is learned.
 *
 * @throws {HypertrainError} for anything but images of at least 32 x 32.
 */
export const vgg16 = (options: NamedNetworkOptions): Network =>
  namedNetwork("vgg16", options, (wide) => {
    const convolution = (channels: number, pooled: boolean) =>
      [
        { layer: "conv2d", channels: wide(channels), kernel: 3, padding: 1, init: "he" },
        ...(pooled ? [{ layer: "max-pool", kernel: 2 } as const] : []),
        { layer: "relu" },
        { layer: "channel-dropout" },
      ] as const;
    const hidden = [
      { layer: "linear", outputs: wide(512) },
      { layer: "relu" },
      { layer: "dropout" },
    ] as const;
    return [
      { layer: "channel-dropout" },
      ...blocks.flatMap((block) =>
        block.flatMap((channels, i) => convolution(channels, i === block.length - 1)),
      ),
      { layer: "flatten" },
      ...hidden,
      ...hidden,
      { layer: "linear" },
    ];
  });

const blocks = [
  [64, 64],
  [128, 128],
  [256, 256, 256],
  [512, 512, 512],
  [512, 512, 512],
];
