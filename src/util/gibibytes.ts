import { formatNumber } from "./format-number.ts";

/** Bytes in gibibytes, for sentences: three significant digits. */
export const gibibytes = (bytes: number): string => `${formatNumber(bytes / 2 ** 30, 3)} GiB`;
