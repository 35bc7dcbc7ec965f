"""Training steps of a language model in PyTorch: the peer of `hypertrain bench step --network lstm --peer`, and of `transformer`.

    language_model.py lstm|transformer plain|delta [--units N --layers 2 --words 10000 --steps 35 --batch 40] [--threads N]
    language_model.py lstm|transformer delta --check

The networks and updates are those of src/nn/networks/lstm.ts and language-transformer.ts: an embedding, LSTMs on top of each other or blocks of causal attention in four heads,
the embedding once more as the decoder, dropout, which between LSTMs is the same at all steps, SGD with momentum. The line `step COUNT KIND` is answered by
{"ms": [...], "peakResidentMiB": ...}. A plain step takes PyTorch's own LSTM, and one product for queries, keys and values. One of Delta-STN takes the response of every weight but the
decoder's, which has none, and differentiates by two reverse passes (`double-backward`), as the authors' program does; an LSTM's cells are written out there, with the products of all
steps with the inputs as one. `--check` holds the derivative against central differences in float64, and the plain network against the other at a response of 0.
"""

import argparse
import json
import math
import os
import resource
import sys
import time

import torch
import torch.nn.functional as F

HYPERS = {"lstm": 3, "transformer": 5}  # rates of dropout, one for each place
RATE = 0.05
HEADS = 4


class Weight:
    """A weight and its bias, if it has one, with what the response adds to each output: h G times that of a second weight, (h G_b) c to the bias."""

    def __init__(self, drawn, hypers, shape, outputs, bias=True, scale=None):
        self.own = [drawn(*shape, scale=scale)] + ([drawn(outputs)] if bias else [])
        self.second = [drawn(*shape, scale=scale)] + ([drawn(outputs)] if bias else [])
        self.gains = [drawn(hypers, outputs, scale=0.01) for _ in self.own]

    def parts(self):
        return [*self.second, *self.gains]

    def plain(self, product):
        y = product(self.own[0])
        return y + self.own[1] if len(self.own) > 1 else y

    def moved(self, h, product):
        """The outputs at a response's input h, with the weights held: [rows, outputs], or [rows, steps, outputs]."""
        along = product(self.second[0])
        of_rows = (lambda amounts: amounts[:, None]) if along.dim() == 3 else (lambda amounts: amounts)
        y = product(self.own[0].detach()) + of_rows(h @ self.gains[0]) * along
        return y + self.own[1].detach() + of_rows((h @ self.gains[1]) * self.second[1]) if len(self.own) > 1 else y


class LanguageModel:
    def __init__(self, args, dtype=torch.float32):
        torch.manual_seed(0)
        self.args, self.dtype = args, dtype
        u = args.units

        def drawn(*shape, scale=None):
            return ((torch.rand(shape, dtype=dtype) * 2 - 1) * (scale or u**-0.5)).requires_grad_()

        self.drawn, self.hypers = drawn, HYPERS[args.network]
        self.weights = {"embedding": self.weight((args.words, u), u, bias=False, scale=0.1), **self.inner()}
        self.bias = drawn(args.words, scale=0.01)
        self.x = torch.randint(args.words, (args.batch, args.steps))
        self.y = torch.randint(args.words, (args.batch, args.steps))
        self.h = torch.randn(args.batch, self.hypers, dtype=dtype)

    def weight(self, shape, outputs, **options):
        return Weight(self.drawn, self.hypers, shape, outputs, **options)

    def linear(self, inputs, outputs):
        return self.weight((inputs, outputs), outputs)

    def mask(self, *shape):
        return (torch.rand(shape) >= RATE).to(self.dtype) / (1 - RATE)

    def plain(self, masks, written_out=False):
        apply = lambda name, product: self.weights[name].plain(product)
        embedding = self.weights["embedding"].own[0]
        x = self.body(F.embedding(self.x, embedding), masks, apply, own=not written_out)
        return F.cross_entropy(x.flatten(0, 1) @ embedding.t() + self.bias, self.y.flatten())

    def outputs(self, masks, h):
        """What is decoded, at a response's input h, with the weights held."""
        apply = lambda name, product: self.weights[name].moved(h, product)
        x = self.body(apply("embedding", lambda w: F.embedding(self.x, w)), masks, apply, own=False)
        return x.flatten(0, 1) @ self.weights["embedding"].own[0].detach().t() + self.bias.detach()

    def linearised(self, masks):
        at = torch.zeros_like(self.h).requires_grad_()
        value = self.outputs(masks, at)
        cotangent = torch.zeros_like(value).requires_grad_()
        (backwards,) = torch.autograd.grad(value, at, cotangent, create_graph=True)
        (tangent,) = torch.autograd.grad(backwards, cotangent, self.h, create_graph=True)
        return value.detach(), tangent

    def leaves(self, response):
        own = [self.bias, *(leaf for weight in self.weights.values() for leaf in weight.own)]
        return own, [leaf for weight in self.weights.values() for leaf in weight.parts()] if response else []

    def gradients(self, response):
        weights, moving = self.leaves(response)
        loss = self.plain(self.masks())
        grads = list(torch.autograd.grad(loss, weights))
        if response:
            value, tangent = self.linearised(self.masks())
            grads += torch.autograd.grad(F.cross_entropy(value + tangent, self.y.flatten()), moving)
        return loss, [*weights, *moving], grads


class Lstm(LanguageModel):
    def inner(self):
        u = self.args.units
        return {f"{part}{i}": self.linear(u, 4 * u) for i in range(self.args.layers) for part in "xh"}

    def masks(self):
        return [self.mask(self.args.batch, 1, self.args.units) for _ in range(self.args.layers + 1)]

    def body(self, x, masks, apply, own):
        x = x * masks[0]
        for i in range(self.args.layers):
            if own:  # PyTorch's gates are i, f, g, o; which is which changes no time
                (w, b), (v, c) = self.weights[f"x{i}"].own, self.weights[f"h{i}"].own
                zero = x.new_zeros(1, x.shape[0], self.args.units)
                x = torch.lstm(x, (zero, zero), [w.t(), v.t(), b, c], True, 1, 0.0, True, False, True)[0]
            else:
                x = self.cells(apply(f"x{i}", lambda w: x @ w), lambda s: apply(f"h{i}", lambda w: s @ w))
            x = x * masks[i + 1]
        return x

    def cells(self, drives, hidden_product):
        """The hidden states of all steps, from what goes into the gates from below and a function of the hidden state before."""
        rows, steps, _ = drives.shape
        units = self.args.units
        h, c = drives.new_zeros(rows, units), drives.new_zeros(rows, units)
        outputs = []
        for t in range(steps):
            z = drives[:, t] + hidden_product(h)
            i, f, o = torch.sigmoid(z[:, : 3 * units]).chunk(3, 1)
            c = f * c + i * torch.tanh(z[:, 3 * units :])
            h = o * torch.tanh(c)
            outputs.append(h)
        return torch.stack(outputs, 1)


class Transformer(LanguageModel):
    def inner(self):
        u, steps = self.args.units, self.args.steps
        weights = {"positions": self.weight((steps * u,), steps * u, bias=False)}
        for i in range(self.args.layers):
            weights |= {f"norm{i}": self.weight((u,), u), f"heads{i}": self.linear(u, 3 * u), f"out{i}": self.linear(u, u)}
            weights |= {f"hidden-norm{i}": self.weight((u,), u), f"up{i}": self.linear(u, 2 * u), f"down{i}": self.linear(2 * u, u)}
        return {**weights, "norm": self.weight((u,), u)}

    def masks(self):
        rows, steps, u = self.args.batch, self.args.steps, self.args.units
        return [self.mask(rows, 1, u), *(self.mask(rows, steps, u) for _ in range(2 * self.args.layers))]

    def body(self, x, masks, apply, own):
        rows, steps, u = x.shape
        ahead = torch.full((steps, steps), -torch.inf, dtype=self.dtype).triu(1)

        def normalised(name, x):
            plain = self.weights[name]
            if own:
                return F.layer_norm(x, (u,), *plain.own)
            normal = F.layer_norm(x, (u,))
            return apply(name, lambda w: normal * w)

        def attention(i, x):
            q, k, v = apply(f"heads{i}", lambda w: x @ w).view(rows, steps, 3, HEADS, u // HEADS).permute(2, 0, 3, 1, 4)
            heard = torch.softmax(q @ k.transpose(2, 3) / math.sqrt(u // HEADS) + ahead, -1) @ v
            together = heard.transpose(1, 2).reshape(rows, steps, u)
            return apply(f"out{i}", lambda w: together @ w)

        places = apply("positions", lambda w: w.expand(rows, -1))
        x = (x + places.view(rows, steps, u)) * masks[0]
        for i in range(self.args.layers):
            x = x + attention(i, normalised(f"norm{i}", x)) * masks[2 * i + 1]
            normal = normalised(f"hidden-norm{i}", x)
            hidden = F.gelu(apply(f"up{i}", lambda w: normal @ w))
            x = x + apply(f"down{i}", lambda w: hidden @ w) * masks[2 * i + 2]
        return normalised("norm", x)


NETWORKS = {"lstm": Lstm, "transformer": Transformer}


def check(args):
    small = argparse.Namespace(**{**vars(args), "units": 8, "words": 11, "steps": 4, "batch": 3})
    model = NETWORKS[args.network](small, torch.float64)
    masks = model.masks()
    tangent = model.linearised(masks)[1]
    step = 1e-5
    ahead, behind = (model.outputs(masks, sign * step * model.h) for sign in (1, -1))
    worst = ((ahead - behind) / (2 * step) - tangent).abs().max().item()
    at_zero = F.cross_entropy(model.outputs(masks, 0 * model.h), model.y.flatten())
    ways = [True] if args.network == "lstm" else [False, True]  # PyTorch's LSTM has its gates in another order
    same = max(abs(model.plain(masks, written_out) - at_zero).item() for written_out in ways)
    largest = tangent.abs().max().item()
    print(json.dumps({"tangent": worst, "largest": largest, "plain": same}))
    sys.exit(worst > 1e-8 * largest or same > 1e-12)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("network", choices=list(NETWORKS))
    parser.add_argument("method", choices=["plain", "delta"])
    for name, value in {"units": 200, "layers": 2, "words": 10000, "steps": 35, "batch": 40,
                        "threads": len(os.sched_getaffinity(0))}.items():
        parser.add_argument(f"--{name}", type=int, default=value)
    parser.add_argument("--check", action="store_true")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    if args.check:
        check(args)
    model = NETWORKS[args.network](args)
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
