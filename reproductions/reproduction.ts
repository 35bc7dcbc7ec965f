/** What a figure's script is given and returns, as `hypertrain reproduce` calls it. */
export type {
  PaperClaim,
  Reproduced,
  Reproduction,
  ReproductionScale,
  Setting,
  TableSetting,
} from "../src/cli/reproduce/reproduction.ts";
