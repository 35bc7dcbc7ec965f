/** The entry `hypertrain/onnx`: the native engine, and the compiler from jax-js programs to ONNX beneath it. For Node. */
export { onnxEngine, type OnnxEngineOptions } from "./engine.ts";
export { compile, type Compiled, type Source } from "./compile.ts";
export { exportModel } from "./export.ts";
export { trace, type Argument, type Traceable } from "./trace.ts";
export { describe, serialize, type OnnxModel } from "./model.ts";
