import type { Need } from "../tuners/need.ts";
import type { Tuner } from "../tuners/tuner.ts";
import { HypertrainError } from "../util/error.ts";
import { inWords } from "../util/words.ts";
import { trainingMethods } from "./index.ts";
import type { Method } from "./method.ts";

/** The same error, which names the methods that can do what it asks for. */
export function advised(error: unknown): unknown {
  if (!(error instanceof HypertrainError) || error.need === undefined) return error;
  const { code, message, cause } = error;
  return new HypertrainError(code, `${message}: ${methodsThat(error.need as Need)}`, { cause }); // who throws it has no other needs
}

/** The same tuner, whose refusals name the methods that can do what it cannot. */
export const advising = ({ name, prepare }: Tuner): Tuner => ({
  name,
  prepare(...given) {
    try {
      return prepare(...given);
    } catch (error) {
      throw advised(error);
    }
  },
});

/** What searches can, whose trainings hold the values that they are given. */
const searchesCan: readonly Need[] = ["carry", "augment", "plateau", "optimizer", "architecture"];

function methodsThat(need: Need): string {
  const able = (trainingMethods as readonly Method[]).filter(({ can }) => can?.includes(need));
  const names = [...able.map(({ name }) => name), ...(searchesCan.includes(need) ? ["a search"] : [])];
  return inWords(names, "or");
}
