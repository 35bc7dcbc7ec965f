/** The methods whose steps are measured; `plain` is training at fixed dropout rates. */
export const benchMethods = ["delta-stn", "stn", "plain"] as const;

/** One of {@link benchMethods}. */
export type BenchMethod = (typeof benchMethods)[number];
