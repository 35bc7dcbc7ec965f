/**
 * Covariance functions of the scaled distance alone (Rasmussen and Williams, "Gaussian processes for machine learning", 2006,
 * section 4.2.1): k(x, x') = a rho(q).
 *
 * | symbol | meaning | shape |
 * |---|---|---|
 * | z      | x over the length scales: z_j = x_j / l_j | [d] |
 * | q      | squared scaled distance: sum_j (z_j - z'_j)^2 | scalar |
 * | rho    | correlation at q: a kernel's profile; rho(0) = 1 | scalar |
 * | rho'   | d rho / dq, finite at 0 for the profiles here | scalar |
 *
 * With dq / d log l_j = -2 (z_j - z'_j)^2 and dq / dx_j = 2 (z_j - z'_j) / l_j,
 *
 *     dk / d log a   = a rho(q)
 *     dk / d log l_j = -2 a rho'(q) (z_j - z'_j)^2          summed over j where the length scale is shared
 *     dk / dx_j      =  2 a rho'(q) (z_j - z'_j) / l_j
 */
import { inputError } from "../../util/error.ts";
import type { Kernel, KernelOptions } from "./kernel.ts";
import { signalVarianceOf } from "./parameters.ts";

/**
 * The correlation as a function of the squared scaled distance: writes rho(q) and rho'(q) of the first `count` squared
 * distances. Whole rows at once, since a call a pair would cost as much as the pair.
 */
export type Profile = (
  squared: Float64Array,
  correlation: Float64Array,
  slope: Float64Array,
  count: number,
) => void;

/**
 * The kernel of a profile.
 *
 * @throws {HypertrainError} if there are no inputs.
 */
export function stationary(
  name: string,
  profile: Profile,
  dimensions: number,
  { lengthScales = "ard" }: KernelOptions = {},
): Kernel {
  if (!(Number.isInteger(dimensions) && dimensions > 0)) {
    throw inputError(
      `a kernel must have a whole number of inputs, at least 1, but got ${dimensions}; give the length of a point`,
    );
  }
  const d = dimensions;
  const shared = lengthScales === "isotropic";

  /** l_j, one for each input. */
  const scalesOf = (theta: Float64Array): Float64Array =>
    Float64Array.from({ length: d }, (_, j) => Math.exp(theta[shared ? 1 : 1 + j] as number));

  function crossCovariance(theta: Float64Array, points: Float64Array, inputs: Float64Array): Float64Array {
    const scales = scalesOf(theta);
    const from = scaled(points, scales);
    const to = scaled(inputs, scales);
    const a = signalVarianceOf(theta);
    const n = inputs.length / d;
    const out = new Float64Array((points.length / d) * n);
    const row = rowOf(profile, n);
    for (let i = 0; i * d < points.length; i++) {
      row.fill(from, i, to, d, n);
      for (let k = 0; k < n; k++) out[i * n + k] = a * (row.correlation[k] as number);
    }
    return out;
  }

  function covariance(theta: Float64Array, inputs: Float64Array): Float64Array {
    const z = scaled(inputs, scalesOf(theta));
    const a = signalVarianceOf(theta);
    const n = inputs.length / d;
    const out = new Float64Array(n * n);
    const row = rowOf(profile, n);
    for (let i = 0; i < n; i++) {
      row.fill(z, i, z, d, i);
      out[i * n + i] = a;
      for (let k = 0; k < i; k++) out[i * n + k] = out[k * n + i] = a * (row.correlation[k] as number);
    }
    return out;
  }

  function parameterGradient(theta: Float64Array, inputs: Float64Array, weights: Float64Array): Float64Array {
    const z = scaled(inputs, scalesOf(theta));
    const a = signalVarianceOf(theta);
    const n = inputs.length / d;
    const byScale = new Float64Array(d);
    const row = rowOf(profile, n);
    let byVariance = 0;
    for (let i = 0; i < n; i++) {
      row.fill(z, i, z, d, i);
      byVariance += a * (weights[i * n + i] as number);
      for (let k = 0; k < i; k++) {
        const twice = 2 * a * (weights[i * n + k] as number); // W_ik and W_ki
        byVariance += twice * (row.correlation[k] as number);
        addSquares(byScale, -2 * twice * (row.slope[k] as number), z, i, k);
      }
    }
    return Float64Array.of(byVariance, ...(shared ? [byScale.reduce((sum, g) => sum + g, 0)] : byScale));
  }

  function inputGradient(theta: Float64Array, point: Float64Array, inputs: Float64Array): Float64Array {
    const scales = scalesOf(theta);
    const from = scaled(point, scales);
    const to = scaled(inputs, scales);
    const a = signalVarianceOf(theta);
    const n = inputs.length / d;
    const row = rowOf(profile, n);
    row.fill(from, 0, to, d, n);
    return to.map((z, at) => {
      const j = at % d;
      const slope = row.slope[(at - j) / d] as number;
      return (2 * a * slope * ((from[j] as number) - z)) / (scales[j] as number);
    });
  }

  return {
    name,
    dimensions,
    lengthScales: shared ? 1 : d,
    covariance,
    crossCovariance,
    variance: signalVarianceOf,
    parameterGradient,
    inputGradient,
  };
}

/** Rows of x over the length scales: z. */
function scaled(x: Float64Array, scales: Float64Array): Float64Array {
  const d = scales.length;
  return x.map((value, at) => value / (scales[at % d] as number));
}

/** Room for the distances of one row to `size` others, and for what the profile makes of them. */
function rowOf(profile: Profile, size: number) {
  const squared = new Float64Array(size);
  const correlation = new Float64Array(size);
  const slope = new Float64Array(size);
  return {
    correlation,
    slope,
    /** Of row i of `from` to the first `count` rows of `to`. */
    fill(from: Float64Array, i: number, to: Float64Array, d: number, count: number): void {
      squaredDistances(from, i * d, to, d, count, squared);
      profile(squared, correlation, slope, count);
    },
  };
}

function squaredDistances(
  from: Float64Array,
  start: number,
  to: Float64Array,
  d: number,
  count: number,
  out: Float64Array,
): void {
  for (let k = 0; k < count; k++) {
    let sum = 0;
    for (let j = 0; j < d; j++) {
      const difference = (from[start + j] as number) - (to[k * d + j] as number);
      sum += difference * difference;
    }
    out[k] = sum;
  }
}

/** sums_j += weight (z_ij - z_kj)^2. */
function addSquares(sums: Float64Array, weight: number, z: Float64Array, i: number, k: number): void {
  const d = sums.length;
  for (let j = 0; j < d; j++) {
    const difference = (z[i * d + j] as number) - (z[k * d + j] as number);
    sums[j] = (sums[j] as number) + weight * difference * difference;
  }
}
