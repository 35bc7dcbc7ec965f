#!/usr/bin/env python3
"""Times Optuna's samplers: the peer of `hypertrain bench search --peer`.

The same work as src/cli/bench/search-measure.ts: so many trials on the sphere, sum x_j^2 with every x_j on [-5, 5], asked and told
one after the other, in memory. One trial is ask, a suggestion for every x_j, and tell.

    sampler         Optuna's
    random          RandomSampler
    tpe             TPESampler as it comes: independent
    tpe-joint       TPESampler(multivariate=True), which hypertrain's tpe is nearest to
    tpe-sqlite      TPESampler as it comes, with the study in a new SQLite file

Prints one line of JSON: the versions, the milliseconds of every trial, and those of processor time of all. On Debian: apt-get install python3-optuna.
"""
import argparse
import json
import os
import platform
import sys
import tempfile
import time
import warnings

SAMPLERS = ("random", "tpe", "tpe-joint", "tpe-sqlite")


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samplers", nargs="+", choices=SAMPLERS, default=["random", "tpe"])
    parser.add_argument("--trials", type=int, default=1000)
    parser.add_argument("--dimensions", type=int, default=10)
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


options = arguments()

import optuna  # noqa: E402

optuna.logging.set_verbosity(optuna.logging.ERROR)
warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)


def sampler_of(name):
    if name == "random":
        return optuna.samplers.RandomSampler(seed=options.seed)
    return optuna.samplers.TPESampler(seed=options.seed, multivariate=name == "tpe-joint")


def timed(name, storage):
    study = optuna.create_study(sampler=sampler_of(name), storage=storage)
    times = []
    processor = time.process_time()
    for _ in range(options.trials):
        begin = time.perf_counter()
        trial = study.ask()
        xs = [trial.suggest_float(f"x{j}", -5, 5) for j in range(options.dimensions)]
        study.tell(trial, sum(x * x for x in xs))
        times.append((time.perf_counter() - begin) * 1e3)
    return {"ms": times, "cpu": (time.process_time() - processor) * 1e3, "best": study.best_value}


def measured(name):
    if name != "tpe-sqlite":
        return {"sampler": name, **timed(name, None)}
    with tempfile.TemporaryDirectory() as folder:
        return {"sampler": name, **timed(name, f"sqlite:///{os.path.join(folder, 'study.db')}")}


if __name__ == "__main__":
    results = [measured(name) for name in options.samplers]
    versions = {"optuna": optuna.__version__, "python": platform.python_version()}
    json.dump({"versions": versions, "results": results}, sys.stdout)
    print()
