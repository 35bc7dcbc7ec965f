import { searchMethods } from "../../methods/index.ts";
import type { SearchName } from "../../methods/lookup.ts";
import type { SearchMethod, SearchParts } from "../../methods/method.ts";
import type { Problem } from "../../problem/problem.ts";
import { inputError } from "../../util/error.ts";

/** What a search suggests by, and what spends its budget. */
export const searchParts = (name: SearchName): Promise<SearchParts> =>
  (searchMethods.find((method) => method.name === name) as SearchMethod).parts(); // all names are there

/**
 * Demands that a search can do a problem: so many points that its sampler can choose among them, and copies that fit.
 *
 * @param problem with an end to every range
 * @throws {HypertrainError}
 */
export async function demandSearchable(
  method: SearchName,
  { name, space, architecture }: Problem,
): Promise<void> {
  const { sampler } = await searchParts(method);
  sampler().suggest({ space, trials: [], seed: 0, number: 0 });
  if (method !== "population-based" || !architecture) return;
  throw inputError(
    `population-based must have trainings whose weights fit each other, but ${architecture.names.map((hyper) => `"${hyper}"`).join(", ")} of "${name}" change the network; take another search, or smash`,
  );
}
