export { readCheckpoint, writeCheckpoint, type FoundCheckpoint } from "./checkpoint.ts";
export { writeWhole } from "./disk.ts";
export { isLocked, lockRunFolder, type RunLock } from "./lock.ts";
export { digestOf, readOrigin, writeOrigin, type Origin } from "./origin.ts";
export { readOverview, type RunFile, type RunOverview } from "./overview.ts";
export { endedAt, recordRun, type RecordedRun, type RecordOptions } from "./record.ts";
export type { ClassPrediction, Prediction } from "./answers.ts";
export { findImages, type FoundImages } from "../data/node/find-images.ts";
export type { ImageModel, ImagePixels, KnownClasses, ScoredClasses } from "./image-model.ts";
export { loadModel, type LoadModelOptions, type Model } from "./load-model.ts";
export type { GeneratedText, GenerateOptions, ScoredText, TextModel } from "./text-model.ts";
export type { TableModel } from "./table-model.ts";
export {
  readModelDocument,
  type DataFacts,
  type ImageInput,
  type ModelDocument,
  type NetworkDocument,
} from "./model-document.ts";
export { pageAssets } from "./page-assets.ts";
export { readResult, writeResult } from "./result-file.ts";
export {
  createRunFolder,
  openRunFolder,
  removeRunFolder,
  runFolder,
  writeConfig,
  type RunFolder,
  type RunFolderPlace,
} from "./run-folder.ts";
export { sealJson, unsealJson } from "./sealed-json.ts";
export { scheduleOf } from "./schedule.ts";
export { readTrace, truncateTrace } from "./trace-file.ts";
export { writeTrainedModel, type TrainedModel } from "./trained-model.ts";
