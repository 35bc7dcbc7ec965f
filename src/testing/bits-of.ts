import type { LostBits } from "../hypergrad/fixed-point.ts";

/** Bits that hold what reversible learning lost. */
export const bitsOf = ({ limbs }: LostBits): number =>
  32 * limbs.reduce((sum, { length }) => sum + length, 0);
