import type { StepConfig } from "../kinds.ts";
import type { Network } from "../network.ts";
import { namedNetwork, namedRules, type NamedNetworkOptions } from "./named.ts";
import { ownOptions } from "../../util/given.ts";
import { oneOf } from "../../util/rule.ts";

/** What the normalisation of {@link resnet18} must be. */
export const resnetNorm = oneOf("batch", "group");

/** A network by name, and its normalisation. */
export interface ResnetOptions extends NamedNetworkOptions {
  /** `group` has groups of 8 channels, or fewer where these do not divide them; default `batch`. */
  readonly norm?: "batch" | "group";
}

/**
 * ResNet18 for images of CIFAR's size (He et al. 2015, as uoguelph-mlrg's Cutout has it): a convolution of 3 x 3, four stages of two
 * residual blocks with 64, 128, 256 and 512 channels, and the mean of every channel. It has 11,173,962 parameters on images of 3 x 32 x 32 in ten classes.
 *
 * Delta-STN's own is not published, neither where it drops. Here are eighteen places: `input`, and `conv1` to `conv17` behind every activation, all of
 * whole channels, but of pixels where an image has one channel.
 *
 * @throws {HypertrainError} for anything but images, and for options that it does not have.
 */
export function resnet18(options: ResnetOptions): Network {
  const { norm = "batch", ...named } = ownOptions("resnet18", options, {
    ...namedRules,
    norm: resnetNorm,
  });
  return namedNetwork("resnet18", named, (wide) => {
    const normalisation = (channels: number): StepConfig =>
      norm === "batch"
        ? { layer: "batch-norm" }
        : { layer: "group-norm", groups: channels % 8 === 0 ? channels / 8 : 1 };
    const convolution = (channels: number, kernel: number, stride: number): StepConfig[] => [
      { layer: "conv2d", channels, kernel, stride, padding: (kernel - 1) / 2, bias: false },
      normalisation(channels),
    ];
    let dropped = 0;
    const activation = (): StepConfig[] => {
      dropped += 1;
      return [{ layer: "relu" }, { layer: "channel-dropout", name: `conv${dropped}` }];
    };
    const block = (before: number, channels: number, stride: number): StepConfig[] => {
      const layers = [
        ...convolution(channels, 3, stride),
        ...activation(),
        ...convolution(channels, 3, 1),
      ] as const;
      const shortcut = before === channels && stride === 1 ? [] : convolution(channels, 1, stride);
      return [{ layer: "residual", layers, shortcut }, ...activation()];
    };
    const widths = [64, 128, 256, 512].map(wide);
    const first = widths[0] as number;
    return [
      // To drop the only channel of a grey image drops all of it, and a normalisation of nothing has gradients without bounds.
      { layer: named.input[0] === 1 ? "dropout" : "channel-dropout" },
      ...convolution(first, 3, 1),
      ...activation(),
      ...widths.flatMap((channels, i) => [
        ...block(widths[i - 1] ?? first, channels, i === 0 ? 1 : 2),
        ...block(channels, channels, 1),
      ]),
      { layer: "global-average-pool" },
      { layer: "linear" },
    ];
  });
}
