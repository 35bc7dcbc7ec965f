/**
 * Simulated binary crossover (Deb and Agrawal, "Simulated binary crossover for continuous search space", 1995) and polynomial mutation
 * (Deb and Goyal, "A combined genetic adaptive search for engineering design", 1996) on the unit interval, as the authors of NSGA-II
 * have them in their code: with distributions that end at the ends of the range.
 *
 * | symbol | meaning |
 * |---|---|
 * | a, b   | the parents, a < b |
 * | β      | how far the children are apart, as a multiple of b - a |
 * | δ      | by how much a mutation moves |
 * | η      | distribution index: the larger, the nearer are children to their parents |
 * | u      | uniform on (0, 1) |
 */

/**
 * The two children of two parents: (a + b -+ β (b - a)) / 2, each with the β that its side of the range leaves room for.
 *
 *     density of β:  (η + 1) β^η / α  below 1,  (η + 1) β^-(η + 2) / α  above,  with α = 2 - room^-(η + 1)
 *
 * Their mean is that of the parents wherever both sides have equal room.
 */
export function simulatedBinaryCrossover(
  parents: readonly [number, number],
  eta: number,
  u: number,
): readonly [number, number] {
  const [a, b] = [Math.min(...parents), Math.max(...parents)];
  const gap = b - a;
  if (gap < 1e-14) return parents;
  const lower = (a + b - spread(1 + (2 * a) / gap, eta, u) * gap) / 2;
  const upper = (a + b + spread(1 + (2 * (1 - b)) / gap, eta, u) * gap) / 2;
  return [clamped(lower), clamped(upper)];
}

/** β at u, where it may be at most `room`. */
function spread(room: number, eta: number, u: number): number {
  const alpha = 2 - room ** -(eta + 1);
  return u <= 1 / alpha ? (u * alpha) ** (1 / (eta + 1)) : (1 / (2 - u * alpha)) ** (1 / (eta + 1));
}

/** A mutation of x: x + δ, where the density of δ falls as (1 - |δ|)^η, and half of it lies on either side. */
export function polynomialMutation(x: number, eta: number, u: number): number {
  const power = eta + 1;
  const delta =
    u < 0.5
      ? (2 * u + (1 - 2 * u) * (1 - x) ** power) ** (1 / power) - 1
      : 1 - (2 * (1 - u) + 2 * (u - 0.5) * x ** power) ** (1 / power);
  return clamped(x + delta);
}

const clamped = (x: number): number => Math.min(Math.max(x, 0), 1);
