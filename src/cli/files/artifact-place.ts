import { isArtifactPlace } from "../../storage/artifact-store.ts";
import { inputError } from "../../util/error.ts";
import { oneLine } from "../../util/text.ts";

/** Demands that what --artifacts was given may be a place. @throws {HypertrainError} otherwise. */
export function demandArtifactPlace(given: string | undefined): void {
  if (given === undefined || isArtifactPlace(given)) return;
  throw inputError(
    `--artifacts must be sql, file:DIR or s3://BUCKET/PREFIX, but got "${oneLine(given)}"; choose one of these`,
  );
}
