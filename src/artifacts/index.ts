export { readCheckpoint, writeCheckpoint, type Checkpoint, type Weights } from "./checkpoint.ts";
export { writeWhole } from "./disk.ts";
export { recordRun, type RecordedRun, type RecordOptions } from "./record.ts";
export { loadModel, type Model, type Prediction } from "./load-model.ts";
export {
  readModelDocument,
  type DataFacts,
  type ModelDocument,
  type NetworkDocument,
} from "./model-document.ts";
export {
  createRunFolder,
  openRunFolder,
  runFolder,
  writeConfig,
  type RunFolder,
  type RunFolderPlace,
} from "./run-folder.ts";
export { decodeTensors, encodeTensors, type TensorFile } from "./safetensors.ts";
export { scheduleOf } from "./schedule.ts";
export { readTrace, truncateTrace } from "./trace-file.ts";
export { writeTrainedModel, type TrainedModel } from "./trained-model.ts";
