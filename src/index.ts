export type { HyperPoint, Score, TracePoint } from "./api/trace.ts";
export type {
  ArrayTree,
  Engine,
  InputsOf,
  NoArrays,
  OnHost,
  OutputsOf,
  Precision,
  Program,
  ProgramRunner,
  Programs,
  ProgramState,
  Session,
  StateOf,
  StatePartsOf,
} from "./engine/engine.ts";
export { jaxEngine, type JaxDevice } from "./engine/jax.ts";
export type { Dataset, Splits } from "./data/dataset.ts";
export { integer, type IntegerOptions } from "./space/integer.ts";
export { choice, type ChoiceOptions } from "./space/choice.ts";
export { real, type RealOptions } from "./space/real.ts";
export type { ChoiceHyper, ChoiceValue, IntegerHyper, RealHyper } from "./space/values.ts";
export {
  fixedHypers,
  normalHypers,
  uniformHypers,
  type HyperDistribution,
  type NormalHypersOptions,
} from "./space/distribution.ts";
export {
  createSpace,
  toNatural,
  toUnconstrained,
  type Hyper,
  type HyperValues,
  type Space,
} from "./space/space.ts";
export type { ValueOf, ValuesOf } from "./space/values.ts";
export { fromUnit, toUnit } from "./space/unit.ts";
export type { Layer, Layers } from "./nn/layer.ts";
export type {
  ArchitectureSpace,
  Batch,
  Hypers,
  Augmentation,
  Metric,
  Mode,
  Noise,
  NoiseInput,
  Problem,
  Task,
} from "./problem/problem.ts";
export { defineProblem, type ArraysOf, type ProblemDefinition } from "./problem/define-problem.ts";
export { quadratic, type QuadraticOptions } from "./problem/quadratic.ts";
export { ridge, type LinearData, type RidgeOptions } from "./problem/ridge.ts";
export { expandHypers } from "./problem/effects.ts";
export type { LossName } from "./problem/example-losses.ts";
export { supervised, type SupervisedOptions } from "./problem/supervised.ts";
export { dense } from "./response/dense.ts";
export { factored } from "./response/factored.ts";
export {
  elementwiseHypernet,
  factoredHypernet,
  linearHypernet,
  mlpHypernet,
  type FactoredHypernetOptions,
  type Hypernet,
  type HypernetOptions,
  type MlpHypernetOptions,
} from "./response/hypernet.ts";
export { lowRank } from "./response/low-rank.ts";
export type { Response } from "./response/response.ts";
export {
  centeredStn,
  deltaStn,
  drmad,
  fixed,
  forwardUnrolled,
  globalHyperTraining,
  hyperTraining,
  implicitCg,
  implicitGradient,
  implicitNeumann,
  reversible,
  simplifiedHyperTraining,
  smash,
  stn,
  t1T2,
  unrolled,
} from "./methods/standard-tuners.ts";
export type { WithPreset } from "./methods/standard.ts";
export type { FixedOptions } from "./tuners/fixed.ts";
export type {
  GlobalHyperTrainingOptions,
  HyperTrainingOptions,
  LocalHyperTrainingOptions,
} from "./tuners/hyper-training-options.ts";
export type { FineTuning } from "./tuners/hyper-training-programs.ts";
export type { Curvature } from "./hypergrad/implicit.ts";
export type { ForwardOptions } from "./tuners/forward-unrolled.ts";
export type { HypergradientOptions } from "./tuners/hypergradient-training.ts";
export type { ImplicitMethod, ImplicitOptions } from "./tuners/implicit.ts";
export type { ReversibleOptions } from "./tuners/reversible.ts";
export { heavyBall } from "./hypergrad/heavy-ball.ts";
export { withOptimizerHypers } from "./hypergrad/optimizer-hypers.ts";
export {
  conjugateGradient,
  exponentialTolerance,
  type ConjugateGradientOptions,
} from "./hypergrad/solve/cg.ts";
export { identity, type IdentityOptions } from "./hypergrad/solve/identity.ts";
export { neumann, type NeumannOptions } from "./hypergrad/solve/neumann.ts";
export type { LinearSolver } from "./hypergrad/solve/solver.ts";
export { responseCurve, type ResponseCurveOptions, type ResponsePoint } from "./tuners/response-curve.ts";
export type { Spent } from "./tuners/ledger.ts";
export { usualGuard } from "./tuners/guard.ts";
export { createRun } from "./tuners/run.ts";
export type { PlateauOptions } from "./nn/optim/plateau.ts";
export type { EndReason, Environment, FailedTraining, Run, RunEvent, RunOptions } from "./tuners/run.ts";
export { loadSnapshot, saveSnapshot, type Progress, type Snapshot } from "./tuners/snapshot.ts";
export type { HyperPace, SelfTuningOptions } from "./tuners/self-tuning-options.ts";
export type { SmashOptions } from "./tuners/smash.ts";
export type { StnOptions } from "./tuners/stn.ts";
export type { TunerPrograms } from "./tuners/evaluate.ts";
export type { Host } from "./tuners/host.ts";
export {
  endlessRun,
  preparedTuner,
  type PreparedTuner,
  type RunLength,
  type StepReport,
  type Tuner,
} from "./tuners/tuner.ts";
export { createSearch, type Search, type SearchOptions } from "./search/ask-tell.ts";
export type { Outcome } from "./search/outcome.ts";
export type { Direction, GoalOptions } from "./search/goals-of.ts";
export { cmaEs, type CmaEsOptions } from "./search/cma-es.ts";
export {
  conditional,
  isActive,
  type Condition,
  type Conditions,
  type ExistingValues,
  type SearchSpace,
} from "./search/conditions.ts";
export { freezeThaw, type FreezeThawOptions } from "./search/freeze-thaw/freeze-thaw.ts";
export { gpSampler, type GpSamplerOptions } from "./search/gp-sampler.ts";
export { grid, type GridOptions } from "./search/grid.ts";
export type { Bound, Goals, SearchObjective, TrialMeasures } from "./search/goals.ts";
export { nsga2, type Nsga2Options } from "./search/nsga2.ts";
export { quasiRandom } from "./search/quasi-random.ts";
export { random } from "./search/random.ts";
export type {
  FailedTrial,
  FinishedTrial,
  PrunedTrial,
  RunningTrial,
  Sampler,
  SuggestRequest,
  Trial,
} from "./search/sampler.ts";
export { asha, type AshaOptions } from "./search/schedulers/asha.ts";
export { fullBudget } from "./search/schedulers/full-budget.ts";
export { hyperband, type HyperbandOptions } from "./search/schedulers/hyperband.ts";
export { medianStop, type MedianStopOptions } from "./search/schedulers/median-stop.ts";
export { populationBased, type PopulationBasedOptions } from "./search/schedulers/population-based.ts";
export {
  binaryTournament,
  truncation,
  type Copying,
  type Exploit,
  type ReadyMember,
} from "./search/schedulers/population-based-exploit.ts";
export {
  perturbOrResample,
  type Explore,
  type PerturbOptions,
} from "./search/schedulers/population-based-explore.ts";
export type { Decision, ScheduledTrial, Scheduler, StudyFacts } from "./search/schedulers/scheduler.ts";
export { successiveHalving, type HalvingOptions } from "./search/schedulers/successive-halving.ts";
export { tpe, type TpeOptions } from "./search/tpe.ts";
export { factsOf, methodFor, type MethodChoice, type ProblemFacts } from "./study/method-for.ts";
export type { StudyPlan, Suggestion, TrialRecord } from "./study/next-segment.ts";
export { createSearchRun, type Searcher } from "./study/search-run.ts";
export {
  openStudy,
  type Study,
  type StudyOptions,
  type StudySnapshot,
  type TrialEvent,
} from "./study/search-study.ts";
export { trialRunner, type TrialOptions, type TrialRunner } from "./study/trial.ts";
export { HypertrainError, type ErrorCode } from "./util/error.ts";
export { HostArray, hostScalar, hostVector, hostZeros, leavesOf, type HostTree } from "./util/host-array.ts";
export { decodeTensors, encodeTensors, type TensorFile } from "./util/safetensors.ts";
export { randomBits, randomKey, randomNormal, randomPermutation, randomUniform } from "./util/random.ts";
