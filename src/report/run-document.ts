import type { TuneResult } from "../api/result.ts";
import type { RunDocument } from "../api/run-document.ts";
import type { Space } from "../space/space.ts";

/** What the document about a run is made of. */
export interface DocumentInput {
  readonly result: TuneResult;
  readonly space: Space;
  /** What was trained on what. */
  readonly title: string;
  /** What the method is called in a sentence; default its name. */
  readonly methodTitle?: string;
  /** The command that repeats the run, where one does. */
  readonly command?: string;
}

/** What a run says of itself: what its folder keeps and its page shows. */
export const runDocumentOf = ({
  result,
  space: { hypers },
  title,
  methodTitle = result.method,
  command,
}: DocumentInput): RunDocument => ({
  ...{ version: 1, title, methodTitle },
  ...(command !== undefined && { command }),
  logarithmic: Object.entries(hypers).flatMap(([name, hyper]) =>
    hyper.kind !== "choice" && hyper.log ? [name] : [],
  ),
  result,
});
