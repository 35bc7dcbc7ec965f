"""Training steps of a language model in PyTorch: the peer of `hypertrain bench step --network lstm --peer`.

    language_model.py plain|delta [--units 200 --layers 2 --words 10000 --steps 35 --batch 40] [--threads N]
    language_model.py delta --check

The network and updates are those of src/nn/networks/lstm.ts: an embedding, LSTMs on top of each other, the embedding once more as the decoder, dropout that is the same at all
steps behind each but the last, SGD with momentum. The line `step COUNT KIND` is answered by {"ms": [...], "peakResidentMiB": ...}. A plain step takes PyTorch's own LSTM. One of
Delta-STN takes the response of every matrix but the decoder's, which has none, and differentiates by two reverse passes (`double-backward`), as the authors' program does; the
cells are written out there, with the products of all steps with the inputs as one. `--check` holds the derivative against central differences in float64.
"""

import argparse
import json
import os
import resource
import sys
import time

import torch
import torch.nn.functional as F

HYPERS = 3
RATE = 0.05


def dropped(x, masks, i):
    return x * masks[i][:, None]


def cells(drives, hidden_product):
    """The hidden states of all steps, from what goes into the gates from below and a function of the hidden state before."""
    rows, steps, width = drives.shape
    units = width // 4
    h, c = drives.new_zeros(rows, units), drives.new_zeros(rows, units)
    outputs = []
    for t in range(steps):
        z = drives[:, t] + hidden_product(h)
        i, f, o = torch.sigmoid(z[:, : 3 * units]).chunk(3, 1)
        c = f * c + i * torch.tanh(z[:, 3 * units :])
        h = o * torch.tanh(c)
        outputs.append(h)
    return torch.stack(outputs, 1)


class Model:
    def __init__(self, args, dtype=torch.float32):
        torch.manual_seed(0)
        self.args = args
        u, self.layers = args.units, range(args.layers)

        def drawn(*shape, scale=None):
            return ((torch.rand(shape, dtype=dtype) * 2 - 1) * (scale or u**-0.5)).requires_grad_()

        self.embedding, self.bias = drawn(args.words, u, scale=0.1), drawn(args.words, scale=0.01)
        self.matrices = {name: (drawn(u, 4 * u), drawn(4 * u)) for i in self.layers for name in (f"x{i}", f"h{i}")}
        self.second = {name: (drawn(u, 4 * u), drawn(4 * u)) for name in self.matrices}
        self.second["e"] = (drawn(args.words, u, scale=0.1), None)
        self.gains = {name: (drawn(HYPERS, w.shape[1], scale=0.01), drawn(HYPERS, w.shape[1], scale=0.01))
                      for name, (w, _) in self.second.items()}
        self.x = torch.randint(args.words, (args.batch, args.steps))
        self.y = torch.randint(args.words, (args.batch, args.steps))
        self.h = torch.randn(args.batch, HYPERS, dtype=dtype)
        self.dtype = dtype

    def masks(self):
        shape = (self.args.batch, self.args.units)
        return [(torch.rand(shape) >= RATE).to(self.dtype) / (1 - RATE) for _ in range(self.args.layers + 1)]

    def decoded(self, x, embedding, bias):
        return F.cross_entropy((x.flatten(0, 1) @ embedding.t() + bias), self.y.flatten())

    def plain(self, masks, own_cells=False):
        x = dropped(F.embedding(self.x, self.embedding), masks, 0)
        for i in self.layers:
            (w, b), (v, c) = self.matrices[f"x{i}"], self.matrices[f"h{i}"]
            if own_cells:
                x = cells(x @ w + b, lambda h, v=v, c=c: h @ v + c)
            else:  # PyTorch's gates are i, f, g, o; which is which changes no time
                zero = x.new_zeros(1, x.shape[0], self.args.units)
                x = torch.lstm(x, (zero, zero), [w.t(), v.t(), b, c], True, 1, 0.0, True, False, True)[0]
            x = dropped(x, masks, i + 1)
        return self.decoded(x, self.embedding, self.bias)

    def outputs(self, masks, h):
        """What is decoded, at a response's input h, with the weights held."""
        def moved(name, x, weight, bias):
            (v, c), (gw, gb) = self.second[name], self.gains[name]
            gain, shift = h @ gw, (h @ gb) * c
            return x @ weight + bias + (gain[:, None] * (x @ v) + shift[:, None] if x.dim() == 3 else gain * (x @ v) + shift)

        u, _ = self.second["e"]
        x = F.embedding(self.x, self.embedding.detach()) + (h @ self.gains["e"][0])[:, None] * F.embedding(self.x, u)
        x = dropped(x, masks, 0)
        for i in self.layers:
            w, b = (part.detach() for part in self.matrices[f"x{i}"])
            v, c = (part.detach() for part in self.matrices[f"h{i}"])
            drives = moved(f"x{i}", x, w, b)
            x = dropped(cells(drives, lambda s, i=i, v=v, c=c: moved(f"h{i}", s, v, c)), masks, i + 1)
        return x.flatten(0, 1) @ self.embedding.detach().t() + self.bias.detach()

    def linearised(self, masks):
        at = torch.zeros_like(self.h).requires_grad_()
        value = self.outputs(masks, at)
        cotangent = torch.zeros_like(value).requires_grad_()
        (backwards,) = torch.autograd.grad(value, at, cotangent, create_graph=True)
        (tangent,) = torch.autograd.grad(backwards, cotangent, self.h, create_graph=True)
        return value.detach(), tangent

    def leaves(self, response):
        weights = [self.embedding, self.bias, *(leaf for pair in self.matrices.values() for leaf in pair)]
        parts = [leaf for part in (self.second, self.gains) for pair in part.values() for leaf in pair]
        unused = self.gains["e"][1]
        return weights, [leaf for leaf in parts if leaf is not None and leaf is not unused] if response else []

    def gradients(self, response):
        weights, moving = self.leaves(response)
        loss = self.plain(self.masks())
        grads = list(torch.autograd.grad(loss, weights))
        if response:
            value, tangent = self.linearised(self.masks())
            other = F.cross_entropy(value + tangent, self.y.flatten())
            grads += torch.autograd.grad(other, moving)
        return loss, [*weights, *moving], grads


def check(args):
    small = argparse.Namespace(**{**vars(args), "units": 5, "words": 11, "steps": 4, "batch": 3})
    model = Model(small, torch.float64)
    masks = model.masks()
    tangent = model.linearised(masks)[1]
    step = 1e-5
    ahead, behind = (model.outputs(masks, sign * step * model.h) for sign in (1, -1))
    worst = ((ahead - behind) / (2 * step) - tangent).abs().max().item()
    same = abs(model.plain(masks, True) - F.cross_entropy(model.outputs(masks, 0 * model.h), model.y.flatten())).item()
    print(json.dumps({"tangent": worst, "plain": same}))
    sys.exit(worst > 1e-8 or same > 1e-12)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("method", choices=["plain", "delta"])
    for name, value in {"units": 200, "layers": 2, "words": 10000, "steps": 35, "batch": 40,
                        "threads": len(os.sched_getaffinity(0))}.items():
        parser.add_argument(f"--{name}", type=int, default=value)
    parser.add_argument("--check", action="store_true")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    if args.check:
        check(args)
    model = Model(args)
    response = args.method == "delta"
    momenta = [torch.zeros_like(leaf) for part in model.leaves(response) for leaf in part]

    def step():
        _, leaves, grads = model.gradients(response)
        with torch.no_grad():
            for leaf, momentum, grad in zip(leaves, momenta, grads):
                momentum.mul_(0.9).add_(grad)
                leaf.sub_(momentum, alpha=0.01)

    step()
    kinds = ["double-backward"] if response else ["train"]
    threads = {"torch": torch.get_num_threads()}
    print(json.dumps({"ready": True, "torch": torch.__version__, "threads": threads, "kinds": kinds}), flush=True)
    for line in sys.stdin:
        _, count, kind = line.split()
        ms = []
        for _ in range(int(count)):
            start = time.perf_counter()
            step()
            ms.append(1000 * (time.perf_counter() - start))
        peak = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
        print(json.dumps({"kind": kind, "ms": ms, "peakResidentMiB": peak}), flush=True)


main()
