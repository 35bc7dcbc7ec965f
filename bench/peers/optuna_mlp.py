#!/usr/bin/env python3
"""Tunes a multilayer perceptron with Optuna and PyTorch: the peer of bench/defaults/measure.ts.

What `hypertrain tune --method tpe` does, as people would write it: trainings one after the other until the time is up, each with
hyperparameters of TPESampler as it comes, ended early by MedianPruner; the first at the start. Network, loss, penalty, optimizer,
minibatches, ranges and rows are hypertrain's.

    network      inputs-128-128-outputs, ReLU, dropout before every layer; PyTorch's initial weights, which hypertrain draws as well
    loss         cross-entropy, or squared error; plus l2 / 2 times each layer's squared weights, biases left out
    training     SGD .03 with momentum .9, minibatches of 128, max(10 epochs, 1000 steps)
    ranges       dropout 0 to .95 from .05, l2 1e-7 to 1e-1 from 1e-4, on a log scale

FOLDER holds what bench/defaults/measure.ts writes: data.json (task, inputs, outputs, rows) and, for each part, float32 inputs
PART-x.bin and targets PART-y.bin. Seconds are of processor time, on one thread, from when all is loaded. Prints one line of JSON:
the lowest validation loss, the test loss of the same network, trainings and gradients.

On Debian: apt-get install python3-torch libopenblas0-pthread python3-optuna. Without OpenBLAS a step takes four times as long.
"""
import argparse
import json
import math
import os
import sys
import time

HIDDEN = (128, 128)
BATCH = 128
STEPS_BETWEEN_EVALUATIONS = 50


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


options = arguments()
os.environ["OPENBLAS_NUM_THREADS"] = "1"  # read when PyTorch is loaded
try:
    import optuna
    import torch
    from torch.nn import functional as F
except ImportError as missing:
    sys.exit(f"the peer must have PyTorch and Optuna, but {missing}; install them, on Debian python3-torch and python3-optuna")

torch.set_num_threads(1)
optuna.logging.set_verbosity(optuna.logging.ERROR)


def tensor(name, dtype, shape):
    with open(os.path.join(options.folder, name), "rb") as file:
        return torch.frombuffer(bytearray(file.read()), dtype=dtype).reshape(shape)


with open(os.path.join(options.folder, "data.json")) as file:
    data = json.load(file)
classes = data["task"] == "classification"
parts = {
    part: (
        tensor(f"{part}-x.bin", torch.float32, (rows, data["inputs"])),
        tensor(f"{part}-y.bin", torch.int32, (rows,)).long() if classes else tensor(f"{part}-y.bin", torch.float32, (rows, -1)),
    )
    for part, rows in data["rows"].items()
}
train_rows = data["rows"]["train"]
steps_per_epoch = math.ceil(train_rows / min(BATCH, train_rows))
trial_epochs = max(10, math.ceil(1000 / steps_per_epoch))
evaluate_every = math.ceil(STEPS_BETWEEN_EVALUATIONS / steps_per_epoch)
places = ["input"] + [f"fc{i + 1}" for i in range(len(HIDDEN))]
layers = [f"fc{i + 1}" for i in range(len(HIDDEN) + 1)]


def loss_of(outputs, targets):
    return F.cross_entropy(outputs, targets) if classes else F.mse_loss(outputs, targets)


def network(rates):
    sizes = [data["inputs"], *HIDDEN, data["outputs"]]
    parts = []
    for i, rate in enumerate(rates):
        parts += [torch.nn.Dropout(rate), torch.nn.Linear(sizes[i], sizes[i + 1])] + ([torch.nn.ReLU()] if i < len(HIDDEN) else [])
    return torch.nn.Sequential(*parts)


def scored(model, part):
    model.eval()
    with torch.no_grad():
        x, y = parts[part]
        loss = loss_of(model(x), y).item()
    model.train()
    return loss


class Best:
    valid, test, gradients, trials = math.inf, math.inf, 0, 0


best = Best()
started = time.process_time()


def left():
    return options.seconds - (time.process_time() - started)


def objective(trial):
    best.trials += 1
    rates = [trial.suggest_float(f"dropout.{place}", 0, 0.95) for place in places]
    penalties = [trial.suggest_float(f"l2.{layer}", 1e-7, 1e-1, log=True) for layer in layers]
    torch.manual_seed(1000 * options.seed + trial.number)
    model = network(rates)
    linears = [part for part in model if isinstance(part, torch.nn.Linear)]
    groups = [{"params": [layer.weight], "weight_decay": l2} for layer, l2 in zip(linears, penalties)]
    groups += [{"params": [layer.bias for layer in linears]}]
    optimizer = torch.optim.SGD(groups, lr=0.03, momentum=0.9)
    x, y = parts["train"]
    lowest = math.inf
    for epoch in range(1, trial_epochs + 1):
        order = torch.randperm(train_rows)
        for at in range(0, train_rows, BATCH):
            rows = order[at : at + BATCH]
            optimizer.zero_grad(set_to_none=True)
            loss_of(model(x[rows]), y[rows]).backward()
            optimizer.step()
            best.gradients += 1
            if left() <= 0:
                break
        if epoch % evaluate_every and epoch < trial_epochs and left() > 0:
            continue
        loss = scored(model, "valid")
        if not math.isfinite(loss):
            raise optuna.TrialPruned()
        if loss < best.valid:
            best.valid, best.test = loss, scored(model, "test")
        lowest = min(lowest, loss)
        trial.report(lowest, epoch)
        if left() <= 0:
            break
        if trial.should_prune():
            raise optuna.TrialPruned()
    return lowest


if __name__ == "__main__":
    study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=options.seed), pruner=optuna.pruners.MedianPruner())
    study.enqueue_trial({**{f"dropout.{place}": 0.05 for place in places}, **{f"l2.{layer}": 1e-4 for layer in layers}})
    while left() > 0:
        study.optimize(objective, n_trials=1)
    counts = {"trials": best.trials, "gradients": best.gradients}
    json.dump({"valid": best.valid, "test": best.test, **counts, "optuna": optuna.__version__, "torch": torch.__version__}, sys.stdout)
    print()
