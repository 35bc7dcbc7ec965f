/** The engines that can be measured, the one that the others are compared with first. */
export const benchEngines = ["onnx", "jax"] as const;

/** One of {@link benchEngines}. */
export type BenchEngine = (typeof benchEngines)[number];
