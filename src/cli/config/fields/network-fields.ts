import { networksFor, networksWith } from "../../networks/network-names.ts";
import { inWords } from "../../../util/words.ts";
import { type Field, number, numbers, text } from "./field.ts";

/** What is trained. */
export const networkFields = {
  model: {
    group: "Network:",
    basic: true,
    brief: "mlp, linear, … (default: wide-and-deep for a table, else mlp)",
    argument: "NAME|FILE",
    read: text,
    about: `${networksFor("tables").join(", ")}, for images ${inWords(networksFor("images", true), "or")}, for text ${inWords(networksFor("texts"), "or")}, a FILE.json with a list of layers, or a FILE.ts that makes a network (default: wide-and-deep for a table, else mlp)`,
  },
  hidden: {
    group: "Network:",
    basic: true,
    argument: "N,N,...",
    read: numbers,
    about:
      "units of each hidden layer of mlp and wide-and-deep, or of each layer of the lstm (default: 128,128)",
    inConfig:
      "units of each hidden layer of mlp and wide-and-deep, or of each layer of the lstm (default: [128, 128])",
  },
  width: {
    group: "Network:",
    argument: "X",
    read: number,
    about: "factor on the channels and units of a network for images by name (default: 1)",
  },
  norm: {
    group: "Network:",
    argument: "NAME",
    read: text,
    about: `the normalisation of ${inWords(networksWith("norm"), "or")}: batch or group (default: batch)`,
  },
  loss: {
    group: "Network:",
    argument: "NAME",
    read: text,
    about:
      "cross-entropy, for classes alone, squared-error, or gaussian, whose standard deviation is 0.1 (default: cross-entropy for classes, squared-error for numbers)",
  },
} satisfies Readonly<Record<string, Field>>;
