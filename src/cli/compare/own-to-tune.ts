import type { FieldName } from "../config/fields.ts";

/** Fields that a comparison settles itself, and has no flags for. */
export const ownToTune: readonly FieldName[] = ["method", "baseline", "patience", "watch", "guard"];
