/* What stands in journals of Optuna by number. */

/** The operations that are written or read. */
export const operations = {
  createStudy: 0,
  deleteStudy: 1,
  setStudySystemAttribute: 3,
  createTrial: 4,
  setParameter: 5,
  setStateAndValues: 6,
  setTrialSystemAttribute: 9,
} as const;

/** The states of a trial, in the order of their numbers. */
export const trialStates = ["running", "complete", "pruned", "fail", "waiting"] as const;

/** The directions of an objective, in the order of their numbers; the first is of one that was not set. */
export const directions = ["not set", "minimize", "maximize"] as const;
