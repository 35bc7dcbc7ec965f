import { dense } from "../../src/response/dense.ts";
import { factored } from "../../src/response/factored.ts";
import { gate } from "../../src/response/gate.ts";
import { lowRank } from "../../src/response/low-rank.ts";
import type { Response } from "../../src/response/response.ts";

/** Every response model, by the name of its export. */
export const responses: Readonly<Record<string, { response: Response; perExample: boolean }>> = {
  dense: { response: dense, perExample: true },
  gate: { response: gate, perExample: true },
  factored: { response: factored, perExample: true },
  lowRank: { response: lowRank(2), perExample: false },
};
