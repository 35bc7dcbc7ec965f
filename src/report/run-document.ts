import type { TuneResult } from "../api/result.ts";
import type { RunDocument } from "../api/run-document.ts";
import type { Space } from "../space/space.ts";
import { demandGiven } from "../util/given.ts";
import { objectWith } from "../util/rule.ts";

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

const documentInput = objectWith<DocumentInput>("what a document is made of, { result, space, title }", {
  result: "object",
  space: "object",
  title: "string",
});

/** What a run says of itself: what its folder keeps and its page shows. @throws {HypertrainError} for what lacks one of these. */
export function runDocumentOf(input: DocumentInput): RunDocument {
  demandGiven("runDocumentOf", { input }, { input: documentInput });
  const { result, space, title, methodTitle = result.method, command } = input;
  return {
    ...{ version: 1, title, methodTitle },
    ...(command !== undefined && { command }),
    logarithmic: Object.entries(space.hypers).flatMap(([name, hyper]) =>
      hyper.kind !== "choice" && hyper.log ? [name] : [],
    ),
    result,
  };
}
