#!/usr/bin/env python3
"""Times the steps of hyper-training in PyTorch: the peer of `hypertrain bench hypernet --peer`.

A program of our own, written from the equations of Lorraine and Duvenaud, "Stochastic hyperparameter optimization through
hypernetworks" (2018, arXiv 1802.09419). It computes what src/tuners/hyper-training.ts computes, as fast as we could make PyTorch
do it: a linear model of 784 pixels and ten one-hot targets, whose 7,850 weights come from a hypernetwork.

    symbol   meaning                                                       shape              here
    lam      unconstrained hyperparameters, several at once                [samples, size]    hypers
    phi      the hypernetwork's parameters                                 tuples             phi
    w(lam)   weights and biases of the linear model                        [samples, 7850]    weights

    work     hyperparameters                      hypernetwork           samples, images   kinds
    global   1, the weight of |w| (not squared)   1-50-7850, ReLU        10, 10            train
    each     7850, the weight of each w squared   7850-10-7850, linear   2, 100            train, tune

`train` is an Adam step on phi of the training loss, 50 MSE plus the penalty, at hyperparameters that the step draws itself; `tune`
an Adam step on lam of the validation loss at w(lam). `product` is one product of two matrices [1200, 1200]: the machine's rate.

Protocol as in self_tuning.py. `--check` compares the gradients with central differences.
"""
import argparse
import json
import os
import resource
import sys
import time

PIXELS, CLASSES = 784, 10
WEIGHTS = PIXELS * CLASSES + CLASSES
LEARNING_RATE = 1e-4
PRODUCT_SIZE = 1200
WORK = {
    "global": {"sizes": [1, 50, WEIGHTS], "samples": 10, "images": 10},
    "each": {"sizes": [WEIGHTS, 10, WEIGHTS], "samples": 2, "images": 100},
}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", choices=list(WORK), default="global")
    parser.add_argument("--torch-threads", type=int, help="PyTorch's own threads; default 1, with MKL one for each core")
    parser.add_argument("--blas-threads", type=int, default=os.cpu_count(), help="OpenBLAS's; default one for each core")
    parser.add_argument("--warm-up", type=int, default=20, help="steps of each kind before the first that counts")
    parser.add_argument("--check", action="store_true", help="compare gradients with central differences, in float64")
    return parser.parse_args()


options = arguments()
os.environ["OPENBLAS_NUM_THREADS"] = str(options.blas_threads)  # read when PyTorch is loaded

import torch  # noqa: E402

# With OpenBLAS, a second pool of threads competes with its own. MKL has no pool but PyTorch's.
torch.set_num_threads(options.torch_threads or (os.cpu_count() if torch.backends.mkl.is_available() else 1))


def hypernetwork(hypers, phi, activation):
    (first, first_bias), (second, second_bias) = phi
    return torch.addmm(second_bias, activation(torch.addmm(first_bias, hypers, first)), second)  # [samples, 7850]


def data_loss(weights, images, targets):
    """50 MSE for every sample's own weights: [samples]."""
    samples = weights.shape[0]
    matrices = weights[:, : PIXELS * CLASSES].view(samples, PIXELS, CLASSES)
    predictions = torch.matmul(images, matrices) + weights[:, PIXELS * CLASSES :].unsqueeze(1)
    return 50 * (predictions - targets).square().mean((1, 2))


def penalty(work, weights, hypers):
    if work == "global":
        return torch.exp(hypers[:, 0]) * weights.norm(dim=1)
    return (torch.exp(hypers) * weights.square()).sum(1) / 2


class HyperTraining:
    def __init__(self, work):
        sizes, samples, images = (WORK[work][name] for name in ("sizes", "samples", "images"))
        self.work, self.samples = work, samples
        self.activation = torch.relu if work == "global" else (lambda h: h)
        self.phi = [
            tuple((0.01 * torch.randn(*shape)).requires_grad_() for shape in ((n, m), (m,)))
            for n, m in zip(sizes, sizes[1:])
        ]
        self.hypers = torch.full((1, sizes[0]), 1.0 if work == "global" else -4.0, requires_grad=True)
        self.train_data, self.valid_data = (
            (torch.rand(images, PIXELS), torch.eye(CLASSES)[torch.randint(CLASSES, (images,))]) for _ in range(2)
        )
        self.phi_leaves = [leaf for layer in self.phi for leaf in layer]
        self.optimizer = torch.optim.Adam(self.phi_leaves, lr=LEARNING_RATE, foreach=True)
        self.hyper_optimizer = torch.optim.Adam([self.hypers], lr=LEARNING_RATE, foreach=True)

    def draw(self):
        draws = torch.randn(self.samples, self.hypers.shape[1])
        if self.work == "global":
            return (1 + 3 * draws).clamp_(max=4)
        return self.hypers.detach() + 1e-5**0.5 * draws

    def train_loss(self, hypers):
        weights = hypernetwork(hypers, self.phi, self.activation)
        return (data_loss(weights, *self.train_data) + penalty(self.work, weights, hypers)).mean()

    def valid_loss(self):
        return data_loss(hypernetwork(self.hypers, self.phi, self.activation), *self.valid_data).mean()

    def train(self):
        self.follow(self.train_loss(self.draw()), self.phi_leaves, self.optimizer)

    def tune(self):
        self.follow(self.valid_loss(), [self.hypers], self.hyper_optimizer)

    @staticmethod
    def follow(loss, leaves, optimizer):
        for leaf, grad in zip(leaves, torch.autograd.grad(loss, leaves)):
            leaf.grad = grad
        optimizer.step()
        loss.item()  # as a training loop would see it


def serve():
    torch.manual_seed(0)
    method = HyperTraining(options.work)
    left, right = (torch.randn(PRODUCT_SIZE, PRODUCT_SIZE) for _ in range(2))
    steps = {"train": method.train, "product": lambda: left @ right}
    if options.work == "each":
        steps["tune"] = method.tune
    for step in steps.values():
        for _ in range(options.warm_up):
            step()
    threads = {"torch": torch.get_num_threads(), "blas": options.blas_threads}
    say({"ready": True, "torch": torch.__version__, "threads": threads, "kinds": list(steps)})
    for line in sys.stdin:
        _, count, kind = line.split()
        say({"kind": kind, "ms": [milliseconds(steps[kind]) for _ in range(int(count))], "peakResidentMiB": peak()})


def milliseconds(step):
    begin = time.perf_counter()
    step()
    return (time.perf_counter() - begin) * 1e3


def peak():
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # KiB, but bytes on macOS
    return used / (2**20 if sys.platform == "darwin" else 2**10)


def say(message):
    print(json.dumps(message), flush=True)


def check():
    """Every gradient against central differences along a random direction."""
    torch.manual_seed(0)
    torch.set_default_dtype(torch.float64)
    method = HyperTraining(options.work)
    drawn = method.draw()
    losses = {"train: phi": (method.phi_leaves, lambda: method.train_loss(drawn))}
    if options.work == "each":
        losses["tune: lam"] = ([method.hypers], method.valid_loss)
    errors = {name: gradient_error(loss, leaves) for name, (leaves, loss) in losses.items()}
    ok = all(error < 1e-6 for error in errors.values())
    say({"ok": ok, "relativeErrors": errors})
    return 0 if ok else 1


def gradient_error(loss, leaves, width=1e-6):
    directions = [torch.randn_like(leaf) for leaf in leaves]
    analytic = sum((g * d).sum() for g, d in zip(torch.autograd.grad(loss(), leaves), directions)).item()

    def at(t):
        with torch.no_grad():
            for leaf, direction in zip(leaves, directions):
                leaf += t * direction
            value = loss().item()
            for leaf, direction in zip(leaves, directions):
                leaf -= t * direction
        return value

    numeric = (at(width) - at(-width)) / (2 * width)
    return abs(numeric - analytic) / max(abs(numeric), abs(analytic))


if __name__ == "__main__":
    sys.exit(check() if options.check else serve())
