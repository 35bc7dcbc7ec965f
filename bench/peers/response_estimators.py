"""What a response learns from, on ridge problems whose answer is known: antithetic pairs beside the exact expectation over the
perturbations (log-normal moments) and beside the linear system of the implicit function theorem, in NumPy.

    python3 bench/peers/response_estimators.py [--seeds 5] [--steps 3000] [--batch 100] [--rate .03] [--out FILE.json]

Training loss (1/n)|X w - y|^2 + 1/2 sum_j e^(lambda_j) |w_j|^2 over groups of weights, one penalty a group; dense response
w = w0 + Theta' eps, eps ~ N(0, 1), one draw a row. SGD at `--rate` with momentum .9 for w0, Adam .003 for Theta, Adam .01 for
lambda every second step after a fifth of all. Minibatches of `--batch` rows, without it the whole set; validation rows are all seen. `full` has every row at +eps and -eps, `paired` half
of the minibatch's, or all of them where it is the whole set. `full, averaged` lets lambda follow a running average of Theta; `exact` takes the expectation of the data loss as well, which
only a linear model has in closed form; `implicit` has a ray of all rows for each penalty, the two others one ray for each row: along one penalty that it draws, or
along a normal draw of all. Prints, for each problem and estimator, the mean over seeds of the steps until lambda
stays where the validation loss of the trained model is within 1 % of the lowest (those of a run that does not reach it: all), of the excess at the end, and of the cosine between the
hypergradient through Theta and the exact one (at the weights and lambda of every hundredth step after the warm-up). Single precision from 100 penalties on.

| symbol | meaning |
| H, M   | d2L/dw2 = 2/n X'X + diag(e^lambda), d2L/dw dlambda = e^lambda_j w in group j |
"""
import argparse
import json
import time

import numpy as np

PROBLEMS = [(60, 8, 1), (600, 8, 1), (60, 8, 8), (600, 8, 8), (60, 50, 50), (600, 50, 50), (60, 650, 650), (600, 650, 650)]  # rows, columns, penalties
NAMES = ["independent", "paired", "full", "full, penalty exact", "full, averaged", "exact", "implicit", "implicit, a ray a row", "implicit, normal rays"]
AVERAGING = 0.98  # share of the running average of Theta that a step keeps


def make(seed, rows, columns):
    g = np.random.default_rng(seed)
    truth = g.normal(size=columns) * np.sqrt(2 / columns)
    x = g.normal(size=(rows + 1000, columns))
    y = x @ truth + 1.6 * g.normal(size=len(x))
    mean, deviation = x[:rows].mean(0), x[:rows].std(0)
    x, y = (x - mean) / deviation, (y - y[:rows].mean()) / y[:rows].std()
    return x[:rows], y[:rows], x[rows:], y[rows:]


class Adam:
    def __init__(self, rate):
        self.rate, self.m, self.v, self.t = rate, 0, 0, 0

    def step(self, gradient):
        self.t += 1
        self.m = 0.9 * self.m + 0.1 * gradient
        self.v = 0.999 * self.v + 0.001 * gradient**2
        return self.rate * self.m / (1 - 0.9**self.t) / (np.sqrt(self.v / (1 - 0.999**self.t)) + 1e-8)


def descended(loss_at, lam):
    """The lowest loss on the way of 300 steps of Adam by the exact gradient."""
    adam, lowest = Adam(0.1), np.inf
    for _ in range(300):
        loss, gradient = loss_at(lam)
        lowest = min(lowest, loss)
        lam = np.clip(lam - adam.step(gradient), -12, 8)
    return lowest


def run(seed, rows, columns, penalties, name, steps, batch, rate):
    x, y, xv, yv = make(seed, rows, columns)
    g = np.random.default_rng(1000 + seed)
    shuffle = np.random.default_rng(2000 + seed)
    group = np.arange(columns) * penalties // columns
    gram, b = 2 / rows * x.T @ x, 2 / rows * x.T @ y
    gramv, bv, cv = xv.T @ xv / len(yv), xv.T @ yv / len(yv), (yv**2).mean()

    def loss_at(lam):
        lam = np.clip(lam, -12, 8)
        h = gram + np.diag(np.exp(lam)[group])
        w = np.linalg.solve(h, b)
        pull = np.linalg.solve(h, 2 * (gramv @ w - bv)) * np.exp(lam)[group] * w
        return w @ gramv @ w - 2 * bv @ w + cv, -np.bincount(group, pull, penalties)

    lowest = lowest_loss(loss_at, penalties)
    precision = np.float32 if penalties >= 100 else np.float64
    x, y, gramv, bv = (part.astype(precision) for part in (x, y, gramv, bv))
    w0, velocity = np.zeros(columns, precision), 0
    theta = average = np.zeros((penalties, columns), precision)
    lam = np.full(penalties, np.log(1e-3), precision)
    response, hyper = Adam(0.003), Adam(0.01)
    own = np.zeros((penalties, columns), precision)
    own[group, np.arange(columns)] = 1  # which penalty is a weight's
    cosines, excess, within, began, order = [], [], steps, time.process_time(), []
    for step in range(steps):
        if batch < rows:
            if len(order) < batch:
                order = shuffle.permutation(rows)
            seen, order = order[:batch], order[batch:]
        else:
            seen = slice(None)
        xs, ys = x[seen], y[seen]
        theta = theta - response.step(response_gradient(name, g, xs, ys, w0, theta, lam, group, own, batch < rows))
        average = AVERAGING * average + (1 - AVERAGING) * theta if name == "full, averaged" else theta
        weight = np.exp(lam)[group]
        velocity = 0.9 * velocity + 2 / len(ys) * (xs @ w0 - ys) @ xs + weight * w0
        w0 = w0 - precision(rate) * velocity
        if step >= steps // 5 and step % 2:
            pulled = average @ (2 * (gramv @ w0 - bv))
            if step % 100 == 1:
                exact = loss_at(lam)[1]
                norms = np.linalg.norm(exact) * np.linalg.norm(pulled)
                cosines.append(float(exact @ pulled / norms) if norms > 0 else 0)
            lam = lam - hyper.step(pulled)
        if step % (25 if penalties < 100 else 100) == 0 or step == steps - 1:
            excess.append(float(100 * (loss_at(lam)[0] / lowest - 1)))
            within = min(within, step) if excess[-1] < 1 else steps
    milliseconds = 1000 * (time.process_time() - began) / steps
    return {"seed": seed, "within": within, "excess": excess[-1], "cosine": float(np.mean(cosines)), "milliseconds": milliseconds}


def lowest_loss(loss_at, penalties):
    starts = (-7.0, -2.0, 1.0) if penalties < 100 else (-2.0,)
    return min(descended(loss_at, np.full(penalties, start)) for start in starts)


def response_gradient(name, g, x, y, w0, theta, lam, group, own, minibatch):
    """What Theta follows: [penalties, columns]."""
    penalties, weight = len(lam), np.exp(lam)[group]
    lifted = weight * np.exp(0.5).astype(weight.dtype)
    penalty = lambda weight: weight * theta + own * (weight * w0)
    expected = lifted * theta + own * (lifted * (w0 + (own * theta).sum(0)))  # of the penalty's gradient
    curved = lambda: 2 / len(y) * (theta @ x.T) @ x
    if name == "exact":
        return curved() + expected
    if name == "implicit":
        return curved() + penalty(weight)
    if name == "paired" and minibatch:
        x, y = x[: len(y) // 2], y[: len(y) // 2]
    z = g.normal(size=(len(y), penalties)).astype(weight.dtype)
    if name.startswith("implicit,"):
        eps = np.sqrt(penalties) * (z == z.max(1, keepdims=True)) if name.endswith("a row") else z
        along = eps @ theta
        d = 2 * (x * along).sum(1)[:, None] * x + weight * along + eps[:, group] * (weight * w0)
        return eps.T @ d / len(y)
    known = name == "full, penalty exact"
    along = z @ theta

    def by_row(sign):  # the loss's derivative by the weights of each row
        w = w0 + sign * along
        d = 2 * ((x * w).sum(1) - y)[:, None] * x
        return d if known else d + np.exp(lam + sign * z)[:, group] * w

    d = by_row(1) if name == "independent" else (by_row(1) - by_row(-1)) / 2
    return z.T @ d / len(y) + (expected if known else 0)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=3000)
    parser.add_argument("--batch", type=int, default=10**9)
    parser.add_argument("--rate", type=float, default=0.03)
    parser.add_argument("--problems", type=int, nargs="*", default=range(len(PROBLEMS)))
    parser.add_argument("--estimators", nargs="*", default=NAMES)
    parser.add_argument("--out")
    args = parser.parse_args()
    print("| rows, columns, penalties | learns from | steps to 1 % | excess at the end, % | cosine | ms a step |")
    print("| --- | --- | --- | --- | --- | --- |")
    rows = []
    for problem in (PROBLEMS[i] for i in args.problems):
        for name in args.estimators:
            runs = [run(seed, *problem, name, args.steps, args.batch, args.rate) for seed in range(args.seeds)]
            mean = lambda of: np.mean([r[of] for r in runs])
            worst = max(r["excess"] for r in runs)
            print(f"| {', '.join(map(str, problem))} | {name} | {mean('within'):.0f} | {mean('excess'):.2f} (worst {worst:.2f}) | {mean('cosine'):.2f} | {mean('milliseconds'):.2f} |", flush=True)
            rows.append({**dict(zip(("rows", "columns", "penalties"), problem)), "learnsFrom": name, "runs": runs})
            if args.out:
                with open(args.out, "w") as file:
                    json.dump({"steps": args.steps, "batch": args.batch, "rate": args.rate, "rows": rows}, file, indent=1)
