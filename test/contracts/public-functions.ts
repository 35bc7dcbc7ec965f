/*
 * Every function of the package's entry points, with arguments that it takes, or with the reason why it has none that could be misspelt.
 */
import { performance } from "node:perf_hooks";

import * as artifacts from "../../src/artifacts/index.ts";
import * as client from "../../src/client/index.ts";
import * as data from "../../src/data/index.ts";
import * as onnx from "../../src/engine/onnx/index.ts";
import * as core from "../../src/index.ts";
import * as nn from "../../src/nn/index.ts";
import * as report from "../../src/report/index.ts";
import * as testing from "../../src/testing/index.ts";

/** A function, and arguments that it takes. */
export interface PublicFunction {
  readonly call: (...given: never) => unknown;
  readonly given: readonly unknown[];
  /** Where its options stand among them. */
  readonly options: readonly number[];
  /** Where an object of another kind stands, such as an engine, or a name of a fixed set. */
  readonly kinds: readonly number[];
}

/** Why there is nothing to check. */
type Reason =
  /** It takes nothing. */
  | "nothing"
  /** It takes numbers, texts, lists and arrays of jax-js alone. */
  | "values"
  /** It is a class. */
  | "class";

const options = (call: PublicFunction["call"], ...given: unknown[]): PublicFunction => ({
  ...{ call, given, options: [given.length - 1], kinds: [] },
});
const kinds = (call: PublicFunction["call"], ...given: unknown[]): PublicFunction => ({
  ...{ call, given, options: [], kinds: given.map((_, i) => i) },
});
/** Objects of another kind at these places, and options at others. */
const both = (
  call: PublicFunction["call"],
  given: readonly unknown[],
  at: Pick<PublicFunction, "options" | "kinds">,
): PublicFunction => ({ call, given, ...at });

const space = core.createSpace({
  x: core.real(0.5, { low: 0, high: 1 }),
  n: core.integer(2, { low: 1, high: 3 }),
});
const task = testing.smallTask();
const tuner = core.deltaStn();
const engine = { name: "none", open: () => never() };
const environment = { clock: performance };
const sampler = core.tpe();
const scheduler = core.hyperband({ budget: 9 });
const network = nn.mlp({ inputs: 2, hidden: [2], outputs: 2 });
const layer = nn.linear({ name: "fc1", inputs: 2, outputs: 1 });
const optimizer = nn.adam();
const dataset = { rows: 2, fields: {} };
const splits = { train: dataset, valid: dataset };
const rows = Uint32Array.of(0, 1);
const key = core.randomKey(0, "a");
const array = { shape: [1, 2], dtype: "float32" };
const table = data.tableOf("people", { age: [31, 30, 29, 28, 27, 26], glad: ["a", "b", "a", "b", "a", "b"] });
const encoding = data.fitTable(table, { target: "glad", task: "classification" });
const bytes = new Uint8Array();
const file = { name: "a", bytes };
const images = { trainImages: file, trainLabels: file, testImages: file, testLabels: file };
const folder = artifacts.runFolder("nowhere");
const point = { valid: { loss: 1 } };
const linear = { x: [[1], [2]], y: [1, 2] };
const sizes = { valid: 0.3, test: 0.3 };
const model = { inputs: [], outputs: [], constants: [], nodes: [] };
const runner = { open: () => never(), dispose: () => undefined };

function never(): never {
  throw new Error("a test that only looks at arguments must not come so far");
}

const trained = { optimizer, learningRate: 0.1, schedule: nn.constant() };
const moved = { hyperOptimizer: optimizer, hyperLearningRate: 0.1, warmupEpochs: 1 };
const selfTuning = {
  ...{
    ...trained,
    ...moved,
    clipNorm: 1,
    linearPace: 1,
    hyperSchedule: () => 1,
    mostApart: 10,
    scaleOptimizer: optimizer,
  },
  ...{ scaleLearningRate: 0.1, entropyWeight: 0.1, response: core.factored, responseOptimizer: optimizer },
  ...{ responseLearningRate: 0.1, perturbations: "paired", trainSteps: 2, validSteps: 1, preset: "paper" },
};
const hyperTraining = {
  ...{ ...trained, ...moved, hypernet: core.linearHypernet(), origin: "zero", clipNorm: 1, memoryLimit: 1e9 },
  ...{ hyperPenalty: 0.1, fineTuning: { steps: 1, learningRate: 0.1, rows: 3 } },
};
const hypergradient = { ...trained, ...moved, hyperClip: 1, scheduleSteps: 3 };
const named = { input: [1, 32, 32], outputs: 2, width: 0.1 };
const run = { epochs: 1, batchSize: 4, seed: 1, precision: "float32", keepBest: true, plateau: { wait: 1 } };

/** All of `hypertrain`. */
const ofCore: Readonly<Record<keyof typeof core & string, PublicFunction | Reason | undefined>> = {
  jaxEngine: kinds(core.jaxEngine, "wasm"),
  integer: both(core.integer, [2, { low: 1, high: 3, log: false, perturb: "minibatch" }], {
    options: [1],
    kinds: [],
  }),
  choice: both(core.choice, ["a", { options: ["a", "b"] }], { options: [1], kinds: [] }),
  real: both(core.real, [0.5, { low: 0, high: 1, scale: 1, shape: [2], tuneScale: true }], {
    options: [1],
    kinds: [],
  }),
  fixedHypers: kinds(core.fixedHypers, [[0], [1]]),
  normalHypers: options(core.normalHypers, { mean: [0], sd: [1], high: 3 }),
  uniformHypers: options(core.uniformHypers, { low: 0, high: 1 }),
  createSpace: kinds(core.createSpace, { x: core.real(1) }),
  toNatural: kinds(core.toNatural, space, [0, 0]),
  toUnconstrained: kinds(core.toUnconstrained, space, { x: 0.5, n: 2 }),
  fromUnit: kinds(core.fromUnit, core.real(0.5, { low: 0, high: 1 }), 0.5),
  toUnit: both(core.toUnit, [core.real(0.5, { low: 0, high: 1 }), 0.5], { options: [], kinds: [0] }),
  defineProblem: options(core.defineProblem, { ...task.problem, fields: ["x", "y"] }),
  quadratic: options(core.quadratic, {
    ...{ curvature: [[1]], coupling: [[1]], linear: [1], target: [1], start: 1, perturbation: { scale: 1 } },
  }),
  ridge: options(core.ridge, {
    train: linear,
    valid: linear,
    start: 1,
    perturbation: { scale: 1 },
    copies: 2,
  }),
  expandHypers: kinds(core.expandHypers, network, {}),
  supervised: options(core.supervised, {
    ...{
      data: supervisedData(),
      network,
      hypers: { l2: core.real(0.1, { log: true }) },
      loss: "cross-entropy",
    },
    ...{ classWeights: "none", augment: {} },
  }),
  dense: undefined,
  factored: undefined,
  elementwiseHypernet: "nothing",
  factoredHypernet: options(core.factoredHypernet, { units: 2, initialScale: 0.1 }),
  linearHypernet: options(core.linearHypernet, { initialBias: "network", scaleInputs: false }),
  mlpHypernet: options(core.mlpHypernet, { hidden: [3] }),
  lowRank: kinds(core.lowRank, 2),
  centeredStn: options(core.centeredStn, { ...selfTuning, responseObjective: "implicit" }),
  deltaStn: options(core.deltaStn, { ...selfTuning, responseAveraging: 0.5, responseEvery: 2 }),
  drmad: options(core.drmad, { ...hypergradient, horizon: 2, trainSteps: 3 }),
  fixed: options(core.fixed, {
    ...trained,
    clipNorm: 1,
    scheduleSteps: 3,
    hypersAt: () => Float64Array.of(1),
  }),
  forwardUnrolled: options(core.forwardUnrolled, { ...hypergradient, trainSteps: 3 }),
  globalHyperTraining: options(core.globalHyperTraining, {
    ...{ ...trained, hyperOptimizer: optimizer, hyperPenalty: 0.1, samples: 3, hypernetEpochs: 2 },
    distribution: core.uniformHypers({ low: 0, high: 1 }),
  }),
  hyperTraining: options(core.hyperTraining, {
    ...hyperTraining,
    scale: 1,
    samples: 2,
    perturbations: "paired",
  }),
  implicitCg: options(core.implicitCg, {
    ...{
      ...hypergradient,
      trainSteps: 3,
      curvature: "hessian",
      tolerance: () => 1,
      iterations: 3,
      damping: 0,
    },
    ...{ warmStart: false },
  }),
  implicitGradient: both(
    core.implicitGradient,
    [
      { name: "mine", solver: core.identity() },
      { ...hypergradient, trainSteps: 3, curvature: "hessian" },
    ],
    { options: [0, 1], kinds: [] },
  ),
  implicitNeumann: options(core.implicitNeumann, { ...hypergradient, trainSteps: 3, terms: 3, step: 0.1 }),
  reversible: options(core.reversible, {
    ...{ ...moved, learningRate: 0.1, momentum: 0.9, horizon: 2, trainSteps: 2, scheduleSteps: 3 },
  }),
  simplifiedHyperTraining: options(core.simplifiedHyperTraining, {
    ...hyperTraining,
    trainSteps: 2,
    validSteps: 1,
  }),
  smash: options(core.smash, {
    ...{ ...trained, hypernetEpochs: 1, candidates: 3, hypernet: core.linearHypernet() },
    ...{ hypernetOptimizer: optimizer, hypernetLearningRate: 0.1 },
  }),
  stn: options(core.stn, { ...selfTuning, input: "centred" }),
  t1T2: options(core.t1T2, { ...hypergradient, trainSteps: 3 }),
  unrolled: options(core.unrolled, { ...hypergradient, horizon: 2, trainSteps: 3 }),
  heavyBall: options(core.heavyBall, { learningRate: 0.1, momentum: 0.5 }),
  withOptimizerHypers: kinds(
    core.withOptimizerHypers,
    task,
    { learningRate: core.real(0.1, { log: true }) },
    {},
  ),
  conjugateGradient: options(core.conjugateGradient, {
    ...{ tolerance: () => 1, iterations: 3, damping: 0, warmStart: false },
  }),
  exponentialTolerance: options(core.exponentialTolerance, { start: 0.1, factor: 0.9 }),
  identity: options(core.identity, { scale: 2 }),
  neumann: options(core.neumann, { terms: 3, step: 0.1 }),
  responseCurve: both(
    core.responseCurve,
    [task, tuner, engine, {}, [], { precision: "float32", evaluationBatchSize: 3, weights: true, seed: 1 }],
    { options: [5], kinds: [0, 1, 2, 3] },
  ),
  usualGuard: kinds(core.usualGuard, task),
  createRun: both(core.createRun, [task, tuner, engine, run, environment], {
    options: [3, 4],
    kinds: [0, 1, 2, 4],
  }),
  loadSnapshot: kinds(core.loadSnapshot, bytes),
  saveSnapshot: kinds(core.saveSnapshot, { state: {}, progress: { step: 0, best: point, last: point } }),
  endlessRun: undefined,
  preparedTuner: kinds(core.preparedTuner, tuner.prepare(task, 0, core.endlessRun)),
  createSearch: both(
    core.createSearch,
    [space, sampler, { seed: 1, direction: "minimize", trials: [], enqueued: [] }],
    { options: [2], kinds: [0, 1] },
  ),
  cmaEs: options(core.cmaEs, { population: 5, stepSize: 0.1 }),
  conditional: kinds(core.conditional, space, { x: { of: "n", in: [1] } }),
  isActive: both(core.isActive, [space, "x", {}], { options: [], kinds: [0, 2] }),
  freezeThaw: options(core.freezeThaw, { budget: 9, interval: 3, startupTrials: 3, candidates: 9 }),
  gpSampler: options(core.gpSampler, { startupTrials: 3, candidates: 9 }),
  grid: options(core.grid, { points: { x: 3 }, most: 9 }),
  nsga2: options(core.nsga2, { population: 6, crossover: 0.5, crossoverIndex: 2, mutationIndex: 2 }),
  quasiRandom: options(core.quasiRandom, {}),
  random: options(core.random, {}),
  asha: options(core.asha, { budget: 9, eta: 3 }),
  fullBudget: kinds(core.fullBudget, 3),
  hyperband: options(core.hyperband, { budget: 9, eta: 3 }),
  medianStop: options(core.medianStop, { budget: 9, interval: 1, grace: 0, least: 2 }),
  populationBased: options(core.populationBased, {
    ...{ budget: 9, members: 3, interval: 1, exploit: core.truncation(), explore: core.perturbOrResample() },
  }),
  binaryTournament: "nothing",
  truncation: options(core.truncation, { fraction: 0.3 }),
  perturbOrResample: options(core.perturbOrResample, { factors: [2], resample: 0.5 }),
  successiveHalving: options(core.successiveHalving, { budget: 9, eta: 3, trials: 3 }),
  tpe: options(core.tpe, { startupTrials: 3, candidates: 9 }),
  factsOf: kinds(core.factsOf, task),
  methodFor: options(core.methodFor, { hyperparameters: 3, discrete: false, ofOptimizer: false }),
  createSearchRun: both(
    core.createSearchRun,
    [task, { sampler, scheduler, tuner: core.fixed() }, engine, run, environment],
    { options: [1, 3, 4], kinds: [0, 2, 4] },
  ),
  openStudy: options(core.openStudy, { space, sampler, scheduler, runner, seed: 0, trials: 3 }),
  trialRunner: options(core.trialRunner, {
    task,
    tuner: core.fixed(),
    engine,
    run: { seed: 1 },
    environment,
  }),
  HypertrainError: "class",
  HostArray: "class",
  hostScalar: "values",
  hostVector: "values",
  hostZeros: "values",
  leavesOf: "values",
  decodeTensors: kinds(core.decodeTensors, bytes, "a file"),
  encodeTensors: options(core.encodeTensors, { tensors: {}, notes: {} }),
  randomBits: kinds(core.randomBits, key, 0, 1),
  randomKey: kinds(core.randomKey, 0, "a"),
  randomNormal: kinds(core.randomNormal, key, 0, 1),
  randomPermutation: kinds(core.randomPermutation, key, 0, 1),
  randomUniform: kinds(core.randomUniform, key, 0, 1),
};

const ofNn: Readonly<Record<keyof typeof nn & string, PublicFunction | Reason | undefined>> = {
  dropout: kinds(nn.dropout, array, array, array),
  kind: options(nn.kind, { about: "nothing", options: {}, prefix: "none", step: () => never() }),
  kinds: undefined,
  conv2d: options(nn.conv2d, {
    ...{ name: "conv1", inputs: 2, outputs: 2, kernel: [3, 3], stride: [1, 1], padding: [0, 0], groups: 1 },
    ...{ dilation: [1, 1], bias: true, init: "he" },
  }),
  embedding: options(nn.embedding, { name: "words", words: 3, outputs: 2 }),
  linear: options(nn.linear, { name: "fc1", inputs: 3, outputs: 2, bias: false }),
  initLayer: kinds(nn.initLayer, key, layer),
  initLayers: kinds(nn.initLayers, key, [layer]),
  plainLayers: "values",
  accuracy: kinds(nn.accuracy, array, array),
  crossEntropy: kinds(nn.crossEntropy, array, array),
  gaussianNll: kinds(nn.gaussianNll, array, array, 1),
  squaredError: kinds(nn.squaredError, array, array),
  tokenCrossEntropy: kinds(nn.tokenCrossEntropy, array, array),
  lstm: "values",
  lstmLayers: options(nn.lstmLayers, { name: "lstm1", inputs: 2, units: 3 }),
  mlp: options(nn.mlp, {
    inputs: 2,
    hidden: [2, 2],
    outputs: 2,
    activation: ["relu", "tanh"],
    skip: [false, true],
  }),
  alexnet: options(nn.alexnet, named),
  lstmLanguageModel: options(nn.lstmLanguageModel, { steps: 3, words: 5, hidden: [4] }),
  resnet18: options(nn.resnet18, { ...named, norm: "group" }),
  simpleCnn: options(nn.simpleCnn, named),
  transformer: options(nn.transformer, { ...named, width: 1 }),
  vgg16: options(nn.vgg16, named),
  wideAndDeep: options(nn.wideAndDeep, { inputs: 2, hidden: [3], outputs: 2 }),
  adam: options(nn.adam, { learningRate: 0.1, beta1: 0.5, beta2: 0.5, epsilon: 1e-6 }),
  clipByGlobalNorm: kinds(nn.clipByGlobalNorm, { w: array }, 1),
  rmsprop: options(nn.rmsprop, { learningRate: 0.1, momentum: 0.5, alpha: 0.5, epsilon: 1e-6 }),
  plateau: options(nn.plateau, { wait: 2, factor: 0.5 }),
  constant: "nothing",
  cosine: options(nn.cosine, { steps: 9, warmup: 2 }),
  inverseTime: options(nn.inverseTime, { after: 9 }),
  linearWarmup: options(nn.linearWarmup, { steps: 9 }),
  stepDecay: options(nn.stepDecay, { at: [3], factor: 0.5 }),
  gradientDescent: options(nn.gradientDescent, { learningRate: 0.1 }),
  nesterov: options(nn.nesterov, { learningRate: 0.1, momentum: 0.5 }),
  sgd: options(nn.sgd, { learningRate: 0.1, momentum: 0.5 }),
  sequential: options(nn.sequential, {
    ...{ name: "mine", input: [2], outputs: 2, perStep: false, layers: [{ layer: "linear" }] },
  }),
};

const ofData: Readonly<Record<keyof typeof data & string, PublicFunction | Reason | undefined>> = {
  batchRows: kinds(data.batchRows, key, 3, 2, 0),
  batchSequence: kinds(data.batchSequence, key, 3, 2),
  evaluationBatches: kinds(data.evaluationBatches, dataset, 2),
  gather: kinds(data.gather, dataset, rows),
  minibatchOrder: kinds(data.minibatchOrder, dataset, key, 2),
  streamSequence: kinds(data.streamSequence, 3, 2),
  parseCsv: both(
    data.parseCsv,
    ["a,b\n1,2\n", { name: "a", separator: ",", header: true, target: "b", types: {} }],
    { options: [1], kinds: [0] },
  ),
  parseTable: both(data.parseTable, [{ name: "a.csv", bytes: Buffer.from("a,b\n1,2\n") }, { header: true }], {
    ...{ options: [1], kinds: [0] },
  }),
  tableExtensions: undefined,
  diabetes: both(data.diabetes, [{ features: bytes, target: bytes }, sizes], { options: [0, 1], kinds: [] }),
  digits: both(data.digits, [bytes, { ...sizes, seed: 1, joined: true }], { options: [1], kinds: [0] }),
  parseIdxImages: kinds(data.parseIdxImages, file),
  parseIdxLabels: both(data.parseIdxLabels, [file, { classes: 3, first: 1 }], { options: [1], kinds: [0] }),
  emnist: both(data.emnist, ["emnist-letters", images, { valid: 0.3, shape: "flat", joined: true }], {
    ...{ options: [1, 2], kinds: [0] },
  }),
  fashionMnist: both(data.fashionMnist, [images, { scale: { mean: 0, sd: 1 } }], {
    options: [0, 1],
    kinds: [],
  }),
  imageSetFiles: undefined,
  mnist: both(data.mnist, [images, { valid: { rows: 3 } }], { options: [0, 1], kinds: [] }),
  fitTable: both(
    data.fitTable,
    [
      table,
      {
        target: "glad",
        task: "classification",
        ignore: [],
        keep: [],
        dates: "parts",
        targetTransform: "none",
      },
    ],
    { options: [1], kinds: [0] },
  ),
  gunzip: kinds(data.gunzip, file),
  readNumber: "values",
  groupSplit: both(data.groupSplit, [["a", "b", "c"], { ...sizes, seed: 1 }], { options: [1], kinds: [0] }),
  randomSplit: both(data.randomSplit, [9, { ...sizes, seed: 1 }], { options: [1], kinds: [0] }),
  splitDataset: kinds(data.splitDataset, dataset, { train: rows, valid: rows }),
  stratifiedSplit: both(data.stratifiedSplit, [[0, 0, 0, 1, 1, 1], { ...sizes, seed: 1, noun: "image" }], {
    ...{ options: [1], kinds: [0] },
  }),
  tailSplit: both(data.tailSplit, [9, { ...sizes, noun: "image" }], { options: [1], kinds: [0] }),
  takeRows: kinds(data.takeRows, dataset, rows),
  timeSplit: both(data.timeSplit, [[1, 2, 3, 4, 5, 6], sizes], { options: [1], kinds: [0] }),
  standardizeColumns: kinds(data.standardizeColumns, splits),
  standardizePixels: both(data.standardizePixels, [splits, { mean: 0, sd: 1 }], { options: [1], kinds: [0] }),
  standardizeTargets: kinds(data.standardizeTargets, splits),
  csvData: both(
    data.csvData,
    [
      "a,b\n1,2\n",
      { name: "a", target: "b", splitBy: "tail", stratify: false, missing: "auto", joined: false },
    ],
    { options: [1], kinds: [0] },
  ),
  tableData: both(
    data.tableData,
    [table, { target: "glad", group: "age", timeColumn: "age", split: () => never() }],
    {
      ...{ options: [1], kinds: [0] },
    },
  ),
  takeTableRows: kinds(data.takeTableRows, table, rows),
  decodeQuantity: "values",
  encodeInputs: kinds(data.encodeInputs, encoding, table),
  encodeTarget: kinds(data.encodeTarget, encoding, table),
  featuresOf: kinds(data.featuresOf, encoding),
  columnTypesOf: kinds(data.columnTypesOf, encoding),
  tableOf: kinds(data.tableOf, "people", { age: [31] }),
  textData: both(
    data.textData,
    [{ train: "a b a b" }, { name: "t", steps: 1, tokens: "word", vocabulary: 9, joined: true, ...sizes }],
    { options: [0, 1], kinds: [] },
  ),
  wine: both(data.wine, [bytes, { ...sizes, seed: 1, joined: true }], { options: [1], kinds: [0] }),
};

const ofReport: Readonly<Record<keyof typeof report & string, PublicFunction | Reason>> = {
  lossUnitOf: kinds(report.lossUnitOf, { data: {} }),
  renderReport: kinds(
    report.renderReport,
    { result: {}, space, title: "", config: {}, trace: [], baseline: [] },
    {},
  ),
  resultOf: kinds(report.resultOf, { run: "", space, trace: [], end: {} }),
  runDocumentOf: kinds(report.runDocumentOf, { result: {}, space, title: "" }),
};

const ofArtifacts: Readonly<Record<keyof typeof artifacts & string, PublicFunction | Reason>> = {
  readCheckpoint: kinds(artifacts.readCheckpoint, "nowhere"),
  writeCheckpoint: kinds(artifacts.writeCheckpoint, "nowhere", {}),
  writeWhole: "values",
  isLocked: kinds(artifacts.isLocked, folder),
  lockRunFolder: kinds(artifacts.lockRunFolder, folder),
  digestOf: kinds(artifacts.digestOf, splits),
  readOrigin: kinds(artifacts.readOrigin, folder),
  writeOrigin: both(artifacts.writeOrigin, [folder, {}], { options: [], kinds: [0] }),
  readOverview: kinds(artifacts.readOverview, "nowhere"),
  endedAt: kinds(artifacts.endedAt, {}),
  recordRun: both(
    artifacts.recordRun,
    [
      { events: () => never(), snapshot: () => never(), weights: () => never() },
      folder,
      { clock: performance, watch: () => never() },
    ],
    { options: [2], kinds: [0, 1] },
  ),
  loadModel: both(artifacts.loadModel, ["nowhere", engine, "table", {}], { options: [3], kinds: [0, 1, 2] }),
  findImages: kinds(artifacts.findImages, ["nowhere.png"]),
  readModelDocument: kinds(artifacts.readModelDocument, "nowhere/model.json", "nowhere"),
  pageAssets: "nothing",
  readResult: kinds(artifacts.readResult, folder),
  writeResult: both(artifacts.writeResult, [folder, {}], { options: [], kinds: [0] }),
  createRunFolder: kinds(artifacts.createRunFolder, {}, { out: "nowhere" }),
  openRunFolder: kinds(artifacts.openRunFolder, "nowhere"),
  removeRunFolder: kinds(artifacts.removeRunFolder, folder),
  runFolder: kinds(artifacts.runFolder, "nowhere"),
  writeConfig: both(artifacts.writeConfig, [folder, {}], { options: [], kinds: [0] }),
  sealJson: both(artifacts.sealJson, [{}], { options: [], kinds: [0] }),
  unsealJson: kinds(artifacts.unsealJson, "{}", "a text"),
  scheduleOf: "values",
  readTrace: kinds(artifacts.readTrace, "nowhere"),
  truncateTrace: kinds(artifacts.truncateTrace, "nowhere", 0),
  writeTrainedModel: both(
    artifacts.writeTrainedModel,
    [
      folder,
      { task, method: "fixed", precision: "float32", engine, params: {}, best: point },
      () => undefined,
    ],
    { options: [1], kinds: [0] },
  ),
};

const url = "http://127.0.0.1:9";
const study = (method: "ask" | "optimize", ...given: unknown[]) => {
  const fetch = () =>
    Promise.resolve(
      new Response(JSON.stringify({ session: "s", name: "s" }), {
        headers: { "Content-Type": "application/json" },
      }),
    );
  return client
    .connect(url, { fetch, patience: 0 })
    .study({ name: "s", space: {} })
    .then((study) => (study[method] as (...given: unknown[]) => unknown)(...given));
};

const ofClient: Readonly<Record<string, PublicFunction | Reason>> = {
  connect: both(client.connect, [url, { token: "a", fetch, patience: 0, silence: 9 }], {
    options: [1],
    kinds: [],
  }),
  ServerError: "class",
  "ask of a study": options((given) => study("ask", given), { worker: "a", lease: 9 }),
  "optimize of a study": both(
    (objective, given) => study("optimize", objective, given),
    [() => 1, { parallel: 1, lease: 9 }],
    {
      ...{ options: [1], kinds: [0] },
    },
  ),
};

const ofOnnx: Readonly<Record<keyof typeof onnx & string, PublicFunction | Reason>> = {
  onnxEngine: options(onnx.onnxEngine, {
    ...{ threads: 1, blockedConvolutions: false, watch: { clock: performance, tell: () => undefined } },
  }),
  compile: both(onnx.compile, [() => never(), [{ shape: [], dtype: "float32" }]], {
    options: [],
    kinds: [0, 1],
  }),
  exportModel: both(onnx.exportModel, [() => never(), { weights: {}, inputs: {}, precision: "float32" }], {
    ...{ options: [1], kinds: [0] },
  }),
  trace: kinds(onnx.trace, () => never(), [{ shape: [], dtype: "float32" }]),
  describe: kinds(onnx.describe, model),
  serialize: both(onnx.serialize, [model, { producer: "me", sentinel: "s" }], { options: [1], kinds: [0] }),
};

const ofTesting: Readonly<Record<keyof typeof testing & string, PublicFunction | Reason>> = {
  demand: "values",
  demandSame: "values",
  demandSameShapes: "values",
  cournot: options(testing.cournot, { highestPrice: 3, cost: 1, start: 1, perturbation: { scale: 1 } }),
  followerQuantity: both(testing.followerQuantity, [{ highestPrice: 3, cost: 1 }, 1], {
    options: [0],
    kinds: [],
  }),
  leaderQuantity: options(testing.leaderQuantity, { highestPrice: 3, cost: 1 }),
  dropoutWeights: "values",
  evenUniforms: "values",
  engineContract: kinds(
    testing.engineContract,
    () => never(),
    () => never(),
  ),
  layerContract: both(testing.layerContract, [{ layer: "linear", outputs: 2 }, [3]], {
    options: [],
    kinds: [0],
  }),
  lassoWeights: "values",
  meanSquaredError: "values",
  softThreshold: "values",
  bisection: "values",
  gridMinimum: "values",
  dot: "values",
  gram: "values",
  orthogonalColumns: "values",
  shifted: "values",
  solve: "values",
  times: "values",
  transposedTimes: "values",
  responseContract: both(
    testing.responseContract,
    [core.factored, [{ layer, input: [2] }], { perExample: true }],
    {
      ...{ options: [2], kinds: [0] },
    },
  ),
  bestResponse: "values",
  centeredFit: "values",
  halfSquaredError: "values",
  hypergradient: "values",
  jointFit: "values",
  normalMoments: "values",
  optimalPenalty: "values",
  penaltyMoments: "values",
  responseDerivative: "values",
  jointShrinkage: "values",
  optimalLambda: "values",
  optimalShrinkage: "values",
  weakSignal: options(testing.weakSignal, {
    seed: 1,
    trainRows: 9,
    validRows: 9,
    features: 2,
    noise: 1,
    start: 0.1,
  }),
  smallTask: options(testing.smallTask, { hidden: [3], hypers: {} }),
  tunerContract: both(testing.tunerContract, [tuner, () => task, () => never()], {
    options: [],
    kinds: [0, 1],
  }),
  samplerContract: kinds(testing.samplerContract, () => sampler),
  schedulerContract: kinds(testing.schedulerContract, () => scheduler),
};

function supervisedData() {
  const part = {
    rows: 2,
    fields: {
      x: new core.HostArray(Float32Array.of(1, 2, 3, 4), [2, 2]),
      y: new core.HostArray(Int32Array.of(0, 1), [2]),
    },
  };
  return {
    ...{
      name: "two",
      task: "classification",
      inputShape: [2],
      outputs: 2,
      classes: ["a", "b"],
      warnings: [],
    },
    splits: { train: part, valid: part },
  };
}

/** The entry points: what each exports, and what is said of it. */
export const entryPoints: Readonly<
  Record<
    string,
    readonly [exported: object, listed: Readonly<Record<string, PublicFunction | Reason | undefined>>]
  >
> = {
  ".": [core, ofCore],
  "./nn": [nn, ofNn],
  "./data": [data, ofData],
  "./report": [report, ofReport],
  "./artifacts": [artifacts, ofArtifacts],
  "./client": [client, ofClient],
  "./onnx": [onnx, ofOnnx],
  "./testing": [testing, ofTesting],
};
