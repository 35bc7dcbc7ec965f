/** Windows that are slid over an image: a kernel's, a pooling's. Sides are `[height, width]`. */
export interface ImageWindow {
  readonly kernel: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly padding?: readonly [number, number];
  readonly dilation?: readonly [number, number];
}

/** Height and width of what windows make of an image of these sides. */
export const sidesBehind = (
  sides: readonly number[],
  { kernel, stride, padding = [0, 0], dilation = [1, 1] }: ImageWindow,
): number[] =>
  sides.map((side, i) => {
    const reach = (dilation[i] as number) * ((kernel[i] as number) - 1) + 1;
    return Math.floor((side + 2 * (padding[i] as number) - reach) / (stride[i] as number)) + 1;
  });

/** Why windows do not fit examples of a shape: what these must be. */
export function imageMisfit(shape: readonly number[], window: ImageWindow): string | undefined {
  if (shape.length !== 3) return "images [channels, height, width]";
  const sides = shape.slice(1);
  if (sidesBehind(sides, window).every((side) => side >= 1)) return undefined;
  const { kernel, padding = [0, 0], dilation = [1, 1] } = window;
  const least = kernel.map((side, i) =>
    Math.max((dilation[i] as number) * (side - 1) + 1 - 2 * (padding[i] as number), 1),
  );
  return `images of at least ${least.join(" x ")} for its kernel of ${kernel.join(" x ")}`;
}
