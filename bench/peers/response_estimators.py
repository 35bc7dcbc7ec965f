"""What a response learns from, on ridge problems whose answer is known: antithetic pairs beside the exact expectation over the
perturbations (log-normal moments) and beside the linear system of the implicit function theorem, in NumPy.

    python3 bench/peers/response_estimators.py [--seeds 5] [--steps 3000]

Training loss (1/n)|X w - y|^2 + 1/2 sum_j e^(lambda_j) |w_j|^2 over groups of weights, one penalty a group; dense response
w = w0 + Theta' eps, eps ~ N(0, 1), one draw a row. Full batches; SGD .03 with momentum .9 for w0, Adam .003 for Theta, Adam .01 for
lambda every second step after a fifth of all. `pairs, averaged` lets lambda follow a running average of Theta; `exact` takes the expectation of the data loss as well, which
only a linear model has in closed form; `implicit` has a ray of all rows for each penalty, the two others one ray for each row: along one penalty that it draws, or
along a normal draw of all. Prints, for each problem and estimator, the mean over seeds of the steps until lambda
stays where the validation loss of the trained model is within 1 % of the lowest, of the excess at the end, and of the cosine between the
hypergradient through Theta and the exact one (at the weights and lambda of every hundredth step after the warm-up).

| symbol | meaning |
| H, M   | d2L/dw2 = 2/n X'X + diag(e^lambda), d2L/dw dlambda = e^lambda_j w in group j |
"""
import argparse

import numpy as np

PROBLEMS = [(60, 8, 1), (600, 8, 1), (60, 8, 8), (60, 50, 50), (600, 50, 50), (600, 650, 650)]  # rows, columns, penalties
NAMES = ["independent", "pairs", "pairs, penalty exact", "pairs, averaged", "exact", "implicit", "implicit, a ray a row", "implicit, normal rays"]
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


def run(seed, rows, columns, penalties, name, steps):
    x, y, xv, yv = make(seed, rows, columns)
    g = np.random.default_rng(1000 + seed)
    group = np.arange(columns) * penalties // columns
    gram, b = 2 / rows * x.T @ x, 2 / rows * x.T @ y
    gramv, bv, cv = xv.T @ xv / len(yv), xv.T @ yv / len(yv), (yv**2).mean()
    valid = lambda w: w @ gramv @ w - 2 * bv @ w + cv
    trained = lambda lam: np.linalg.solve(gram + np.diag(np.exp(lam)[group]), b)

    def loss_at(lam):
        lam = np.clip(lam, -12, 8)
        h = gram + np.diag(np.exp(lam)[group])
        w = np.linalg.solve(h, b)
        pull = np.linalg.solve(h, 2 * (gramv @ w - bv)) * np.exp(lam)[group] * w
        return valid(w), -np.bincount(group, pull, penalties)

    lowest = min(descended(loss_at, np.full(penalties, start)) for start in ((-7.0, -2.0, 1.0) if penalties < 100 else (-2.0,)))
    w0, velocity = np.zeros(columns), 0
    theta = average = np.zeros((penalties, columns))
    lam = np.full(penalties, np.log(1e-3))
    response, hyper = Adam(0.003), Adam(0.01)
    own = np.zeros((penalties, columns))
    own[group, np.arange(columns)] = 1  # which penalty is a weight's
    cosines, within = [], steps
    for step in range(steps):
        weight = np.exp(lam)[group]
        lifted = weight * np.exp(0.5)
        penalty = lifted * theta + own * (lifted * (w0 + (own * theta).sum(0)))  # the gradient's expectation
        if name == "exact":
            gradient = theta @ gram + penalty
        elif name == "implicit":
            gradient = theta @ gram + weight * theta + own * (weight * w0)
        elif name.startswith("implicit,"):
            z = g.normal(size=(rows, penalties))
            eps = np.sqrt(penalties) * (z == z.max(1, keepdims=True)) if name.endswith("a row") else z
            along = eps @ theta
            d = 2 * (x * along).sum(1)[:, None] * x + weight * along + eps[:, group] * (weight * w0)
            gradient = eps.T @ d / rows
        else:
            eps = g.normal(size=(rows, penalties))
            known = name == "pairs, penalty exact"
            gradient = penalty if known else 0
            signs = (1,) if name == "independent" else (1, -1)
            for e in (sign * eps for sign in signs):
                w = w0 + e @ theta  # [rows, columns]
                d = 2 * ((x * w).sum(1) - y)[:, None] * x
                if not known:
                    d = d + np.exp(lam + e)[:, group] * w
                gradient = gradient + e.T @ d / rows / len(signs)
        theta = theta - response.step(gradient)
        average = AVERAGING * average + (1 - AVERAGING) * theta if name == "pairs, averaged" else theta
        velocity = 0.9 * velocity + gram @ w0 - b + weight * w0
        w0 = w0 - 0.03 * velocity
        if step >= steps // 5 and step % 2:
            pulled = average @ (2 * (gramv @ w0 - bv))
            if step % 100 == 1:
                exact = loss_at(lam)[1]
                norms = np.linalg.norm(exact) * np.linalg.norm(pulled)
                cosines.append(exact @ pulled / norms if norms > 0 else 0)
            lam = lam - hyper.step(pulled)
        if step % 25 == 0 or step == steps - 1:
            close = loss_at(lam)[0] < 1.01 * lowest
            within = min(within, step) if close else steps
    return within, 100 * (loss_at(lam)[0] / lowest - 1), np.mean(cosines)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=3000)
    parser.add_argument("--problems", type=int, nargs="*", default=range(len(PROBLEMS)))
    args = parser.parse_args()
    print("| rows, columns, penalties | learns from | steps to 1 % | excess at the end, % | cosine |")
    print("| --- | --- | --- | --- | --- |")
    for problem in (PROBLEMS[i] for i in args.problems):
        for name in NAMES:
            ended = np.array([run(seed, *problem, name, args.steps) for seed in range(args.seeds if problem[2] < 600 else 1)])
            within, excess, cosine = ended.mean(0)
            worst = ended[:, 1].max()
            print(f"| {', '.join(map(str, problem))} | {name} | {within:.0f} | {excess:.2f} (worst {worst:.2f}) | {cosine:.2f} |", flush=True)
