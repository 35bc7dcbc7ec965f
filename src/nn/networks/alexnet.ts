import type { Network } from "../network.ts";
import { namedNetwork, type NamedNetworkOptions } from "./named.ts";

/**
 * AlexNet as Delta-STN's experiment on CIFAR-10 has it (Bae and Grosse 2020): five convolutions of 3 x 3, the first with stride 2, three poolings, two
 * hidden layers of 4096 units. It has 23,272,266 parameters on images of 3 x 32 x 32 in ten classes, and eight places of dropout: `input`,
 * `conv1` to `conv5` (whole channels), `fc1` and `fc2`.
 *
 * @throws {HypertrainError} for anything but images of at least 15 x 15.
 */
export const alexnet = (options: NamedNetworkOptions): Network =>
  namedNetwork("alexnet", options, (wide) => {
    const block = (channels: number, pooled: boolean, stride = 1) =>
      [
        { layer: "conv2d", channels: wide(channels), kernel: 3, stride, padding: 1 },
        ...(pooled ? [{ layer: "max-pool", kernel: 2 } as const] : []),
        { layer: "relu" },
        { layer: "channel-dropout" },
      ] as const;
    const hidden = [
      { layer: "linear", outputs: wide(4096) },
      { layer: "relu" },
      { layer: "dropout" },
    ] as const;
    return [
      { layer: "channel-dropout" },
      ...block(64, true, 2),
      ...block(192, true),
      ...block(384, false),
      ...block(256, false),
      ...block(256, true),
      { layer: "flatten" },
      ...hidden,
      ...hidden,
      { layer: "linear" },
    ];
  });
