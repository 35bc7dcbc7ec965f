import { cifarSets } from "./cifar.ts";
import { diabetesSet } from "./diabetes.ts";
import { digitsSet } from "./digits.ts";
import { emnistSets } from "./emnist.ts";
import { fashionMnistSet, mnistSet } from "./mnist.ts";
import { ownTextSet, ptbSet } from "./text.ts";
import { wineSet } from "./wine.ts";

/** The data sets by name, in the order in which lists have them; any other data is a file or a folder. */
export const dataSetsByName = [
  digitsSet,
  diabetesSet,
  wineSet,
  mnistSet,
  fashionMnistSet,
  ...emnistSets,
  ...cifarSets,
  ownTextSet,
  ptbSet,
] as const;
