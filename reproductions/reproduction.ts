/** What a figure's script is given and returns, as `hypertrain reproduce` calls it. */
export type { Claim, Reproduced, Reproduction, Scale, Setting } from "../src/cli/reproduce/reproduction.ts";
