"""Asks and tells in Optuna so many times when a line comes, and prints when it began and ended, in milliseconds."""

import json
import sys
import time

import optuna

optuna.logging.set_verbosity(optuna.logging.ERROR)
url, trials = sys.argv[1], int(sys.argv[2])
study = optuna.create_study(
    study_name="bench", storage=url, sampler=optuna.samplers.RandomSampler(), load_if_exists=True
)
print("ready", flush=True)
sys.stdin.readline()
begun = time.time()
for _ in range(trials):
    trial = study.ask()
    loss = trial.suggest_float("a", 1e-5, 1, log=True)
    trial.suggest_float("b", 1e-5, 1, log=True)
    trial.suggest_float("c", 1e-5, 1)
    trial.suggest_int("n", 1, 100)
    study.tell(trial, loss)
print(json.dumps([1000 * begun, 1000 * time.time()]))
