"""Searches the parameters of a Python function: ridge regression here, a scikit-learn model in the same place.

    npx hypertrain serve --store study.db
    python3 examples/search_function.py [http://127.0.0.1:7718]
"""

import os
import random
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "python"))  # or copy the client beside this file
from hypertrain_client import connect

random.seed(1)
rows = [[random.gauss(0, 1) for _ in range(8)] for _ in range(60)]
targets = [row[0] - 2 * row[1] + random.gauss(0, 1) for row in rows]


def fitted(alpha, degree):
    """Ridge regression by gradient descent on the first `degree` features."""
    weights = [0.0] * degree
    for _ in range(200):
        errors = [sum(w * x for w, x in zip(weights, row)) - y for row, y in zip(rows[:30], targets[:30])]
        for k in range(degree):
            slope = sum(e * row[k] for e, row in zip(errors, rows)) / 30 + alpha * weights[k]
            weights[k] -= 0.1 * slope
    return weights


def loss(trial):
    weights = fitted(trial.values["alpha"], trial.values["degree"])
    errors = [sum(w * x for w, x in zip(weights, row)) - y for row, y in zip(rows[30:], targets[30:])]
    return sum(e * e for e in errors) / 30


study = connect(sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:7718").study(
    "ridge",
    {
        "alpha": {"kind": "real", "low": 1e-3, "high": 10, "log": True},
        "degree": {"kind": "integer", "low": 1, "high": 8},
    },
    trials=25,
)
study.optimize(loss)
best = study.best()
print("best %.4f with %s" % (best["best"], best["values"]))
