/** Bytes in gibibytes, for sentences: three significant digits. */
export const gibibytes = (bytes: number): string => `${Number((bytes / 2 ** 30).toPrecision(3))} GiB`;
