import type { TokenKind } from "../../data/text-tokens.ts";
import { dataSetByName, type DataSetByName } from "./data-set-by-name.ts";
import { partSizes } from "./part-sizes.ts";

/** A text of which every token is predicted. */
const textSet = <const N extends string>(
  described: Pick<DataSetByName<N>, "name" | "summary" | "papers" | "options"> & {
    readonly tokens: TokenKind;
  },
): DataSetByName<N> =>
  dataSetByName<N>({
    ...{ ...described, kind: "texts", bundled: false },
    async read(
      { dataDir, bptt: steps = 35, tokens = described.tokens, vocabulary, ...settings },
      { joined = false, kept },
    ) {
      const { readText, textPlace } = await import("../../data/node/text.ts");
      const size = vocabulary === undefined ? {} : { vocabulary };
      const place = await textPlace(dataDir, described.name);
      return readText(place, { steps, tokens, joined, ...size, ...partSizes(settings) }, kept);
    },
  });

/** `text`. */
export const ownTextSet = textSet({
  name: "text",
  summary: "a text of your own, one file or one for each part",
  options: ["valid", "test", "dataDir", "bptt", "tokens", "vocabulary"],
  tokens: "character",
  papers: [],
});

/** `ptb`. */
export const ptbSet = textSet({
  name: "ptb",
  summary: "the Penn Treebank's three files",
  options: ["dataDir", "bptt", "tokens", "vocabulary"],
  tokens: "word",
  papers: [{ label: "Marcus et al. 1993", url: "https://aclanthology.org/J93-2004/" }],
});
