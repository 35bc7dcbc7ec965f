import { imageStrengths, imageView } from "../data/augment/image-view.ts";
import type { Strength } from "../data/augment/images.ts";
import type { ImageFacts, SupervisedData } from "../data/supervised-data.ts";
import { inputError } from "../util/error.ts";
import { nearest } from "../util/nearest.ts";
import { briefText } from "../util/brief-text.ts";
import type { Augmentation } from "./problem.ts";

/**
 * What is done to the training images of supervised data.
 *
 * @param names of hyperparameters, of which some are strengths
 * @param held the strengths that are none
 * @returns nothing where none of them does anything
 * @throws {HypertrainError} for data that are no images, or have no colours where a name is about these.
 */
export function imageAugmentation(
  data: SupervisedData,
  names: readonly string[],
  held: Readonly<Record<string, number>>,
): Augmentation | undefined {
  const hypers = names.filter((name) => Object.hasOwn(imageStrengths, name));
  demandHeld(held, hypers);
  const all = [...hypers, ...Object.keys(held)];
  if (all.length === 0) return undefined;
  const unfit = all.flatMap((strength) => unfitness(strength, data) ?? [])[0];
  if (unfit !== undefined) throw inputError(unfit);
  const { shape, scale, white } = data.images as ImageFacts; // which all strengths need
  demandWithin(held, shape);
  const one = white ?? 1; // black is 0 in any case, and nothing else is asked for
  const format = { shape, mean: scale.mean / one, sd: scale.sd / one };
  return {
    hypers,
    view(batch, values, draws) {
      const rows = batch.x?.shape[0] as number;
      const constant = Object.entries(held).map(([name, value]) => [
        name,
        new Float64Array(rows).fill(value),
      ]);
      return imageView(batch, format, { ...values, ...Object.fromEntries(constant) }, draws);
    },
  };
}

/** The strengths that some data have no use for. */
export const unfitStrengths = (data: SupervisedData): string[] =>
  Object.keys(imageStrengths).filter((name) => unfitness(name, data) !== undefined);

/** Why data have no use for a strength, as a message says it; nothing where they have one. */
function unfitness(strength: string, { images, name, task, inputShape }: SupervisedData): string | undefined {
  if (!images) {
    return `"${strength}" must come with images, but ${name} has examples of shape [${inputShape.join(", ")}]; leave it out`;
  }
  const { ofColours, ofTones } = imageStrengths[strength] as Strength;
  const [channels] = images.shape;
  if (ofColours && channels !== 3) {
    return `"${strength}" must come with images in colour, but those of ${name} have ${channels} channel${channels === 1 ? "" : "s"}; leave it out`;
  }
  if (strength === "mixup" && task !== "classification") {
    return `"mixup" must come with classes, but ${name} is a regression; leave it out`;
  }
  if (ofTones && images.white === undefined) {
    return `"${strength}" must come with images of which is known what is black and white, but those of ${name} do not say it, as where pixels are below 0; bring them to numbers from 0 for black to 255 for white, or leave it out`;
  }
  return undefined;
}

/** Demands of strengths in pixels that they leave something of an image: a shift or a hole as long as a side can take all of it. */
function demandWithin(held: Readonly<Record<string, number>>, [, ...sides]: readonly number[]): void {
  const side = Math.min(...sides);
  for (const [name, value] of Object.entries(held)) {
    if (!(imageStrengths[name] as Strength).inPixels || value < side) continue;
    throw inputError(
      `the strength of "${name}" must be less than ${side}, the shorter side of images of ${sides.join(" x ")} pixels, but got ${value}; lower it`,
    );
  }
}

/** Demands strengths that are known, in their range, and no hyperparameters as well. */
function demandHeld(held: Readonly<Record<string, number>>, hypers: readonly string[]): void {
  const known = Object.keys(imageStrengths);
  for (const [name, value] of Object.entries(held)) {
    if (!Object.hasOwn(imageStrengths, name)) {
      throw inputError(
        `an augmentation must be one of ${known.join(", ")}, but got ${briefText(name)}${nearest(name, known)}; mend the name`,
      );
    }
    if (hypers.includes(name)) {
      throw inputError(`"${name}" must be tuned or held, but got both; leave one out`);
    }
    const { low, high } = (imageStrengths[name] as Strength).natural;
    const most = Math.min(high, STRONGEST);
    if (value >= low && value <= most) continue;
    throw inputError(`the strength of "${name}" must be from ${low} to ${most}, but got ${value}; change it`);
  }
}

/** Far beyond what leaves anything of an image; without an end its numbers would become infinite. */
const STRONGEST = 1000;
