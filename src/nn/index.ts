export type { ActivationName } from "./activation.ts";
export type { Carry, CarriedLeaf } from "./carried.ts";
export { dropout } from "./dropout.ts";
export { kind, type Kind, type Step, type StepPlace } from "./kind.ts";
export { kinds, type KindName, type StepConfig } from "./kinds.ts";
export { conv2d, type Conv2dOptions, type ConvolutionInit } from "./kinds/conv2d.ts";
export { embedding, type EmbeddingOptions } from "./kinds/embedding.ts";
export { linear, type LinearOptions } from "./kinds/linear.ts";
export {
  initLayer,
  initLayers,
  plainLayers,
  type Layer,
  type LayerParams,
  type Layers,
  type WeightSpec,
} from "./layer.ts";
export { accuracy, crossEntropy, gaussianNll, squaredError, tokenCrossEntropy } from "./loss.ts";
export { lstm, lstmLayers, type LstmLayers, type LstmOptions, type LstmState } from "./lstm.ts";
export { mlp, type MlpOptions } from "./mlp.ts";
export type {
  ByLayer,
  ApplyEffect,
  EffectPlace,
  LayerChoice,
  LayerChoiceArrays,
  Network,
  NetworkDescription,
  OpenLayer,
  Supernetwork,
} from "./network.ts";
export { alexnet } from "./networks/alexnet.ts";
export type { NamedNetworkOptions } from "./networks/named.ts";
export { lstmLanguageModel, type LanguageModelOptions } from "./networks/lstm.ts";
export { resnet18, type ResnetOptions } from "./networks/resnet18.ts";
export { simpleCnn } from "./networks/simple-cnn.ts";
export { transformer } from "./networks/transformer.ts";
export { vgg16 } from "./networks/vgg16.ts";
export { wideAndDeep, type WideAndDeepOptions } from "./networks/wide-and-deep.ts";
export { adam } from "./optim/adam.ts";
export { clipByGlobalNorm } from "./optim/clip.ts";
export type { Optimizer } from "./optim/optimizer.ts";
export { rmsprop } from "./optim/rmsprop.ts";
export { plateau, type Plateau, type PlateauOptions, type PlateauState } from "./optim/plateau.ts";
export { constant, cosine, inverseTime, linearWarmup, stepDecay, type Schedule } from "./optim/schedule.ts";
export { gradientDescent, nesterov, sgd } from "./optim/sgd.ts";
export { sequential, type SequentialOptions } from "./sequential.ts";
