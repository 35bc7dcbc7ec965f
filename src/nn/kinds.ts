import { activationNames, type ActivationName } from "./activation.ts";
import type { Kind } from "./kind.ts";
import { activationKind } from "./kinds/activation.ts";
import { activationL2Kind, activationSlownessKind } from "./kinds/activation-penalty.ts";
import { attentionKind } from "./kinds/attention.ts";
import { batchNormKind } from "./kinds/batch-norm.ts";
import { conv2dKind } from "./kinds/conv2d.ts";
import { channelDropoutKind, dropoutKind, sequenceDropoutKind } from "./kinds/dropout.ts";
import { embeddingKind } from "./kinds/embedding.ts";
import { flattenKind } from "./kinds/flatten.ts";
import { linearKind } from "./kinds/linear.ts";
import { lastStepKind, lstmKind } from "./kinds/lstm.ts";
import { groupNormKind, layerNormKind } from "./kinds/normalization.ts";
import { averagePoolKind, globalAveragePoolKind, maxPoolKind } from "./kinds/pooling.ts";
import { residualKind } from "./kinds/residual.ts";
import { featureTokensKind, imageToSequenceKind, positionsKind, sequenceMeanKind } from "./kinds/sequence.ts";
import { tiedLinearKind } from "./kinds/tied-linear.ts";
import type { Given } from "./option.ts";

/** All kinds of steps, by the names that networks call them. */
export const kinds = {
  linear: linearKind,
  conv2d: conv2dKind,
  "batch-norm": batchNormKind,
  embedding: embeddingKind,
  lstm: lstmKind,
  "tied-linear": tiedLinearKind,
  "group-norm": groupNormKind,
  "layer-norm": layerNormKind,
  "max-pool": maxPoolKind,
  "average-pool": averagePoolKind,
  "global-average-pool": globalAveragePoolKind,
  flatten: flattenKind,
  residual: residualKind,
  attention: attentionKind,
  positions: positionsKind,
  "feature-tokens": featureTokensKind,
  "image-to-sequence": imageToSequenceKind,
  "sequence-mean": sequenceMeanKind,
  dropout: dropoutKind,
  "channel-dropout": channelDropoutKind,
  "sequence-dropout": sequenceDropoutKind,
  "last-step": lastStepKind,
  "activation-l2": activationL2Kind,
  "activation-slowness": activationSlownessKind,
  ...(Object.fromEntries(activationNames.map((name) => [name, activationKind(name)])) as Record<
    ActivationName,
    Kind<Record<never, never>>
  >),
} satisfies Readonly<Record<string, Kind>>;

/** The name of a kind of step. */
export type KindName = keyof typeof kinds;

/** One step of a network as people write it: its kind, perhaps a name, and the kind's options. */
export type StepConfig = {
  [K in KindName]: { readonly layer: K; readonly name?: string } & Given<(typeof kinds)[K]["options"]>;
}[KindName];
