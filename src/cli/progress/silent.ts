import type { OpenView } from "./progress.ts";

/** Shows nothing. */
export const silentProgress: OpenView = () => ({ see() {}, close() {} });
