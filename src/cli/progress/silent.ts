import type { Progress } from "./progress.ts";

/** Shows nothing. */
export const silentProgress: Progress = () => ({ see() {}, close() {} });
