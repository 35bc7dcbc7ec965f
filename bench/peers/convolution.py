"""Training steps of convolutional networks in PyTorch, on demand: the line `step COUNT` is answered by {"ms": [...], "processorMs": ..., "peakResidentMiB": ...}.

    convolution.py NETWORK plain|double-backward|by-hand [--batch 128] [--threads N]
    convolution.py NETWORK plain|delta --serve [--batch 128] [--threads N]

The same networks, numbers and updates as bench/network-steps.ts. With `--serve` it is the peer of `hypertrain bench step --network NAME --peer`: dropout of channels and
units as there, at fixed rates; `step COUNT KIND` with one of the kinds that its first line names. `double-backward` and `by-hand` take the step of Delta-STN: the first differentiates the
network in its response's input by two reverse passes, as the authors' program does; the second writes the forward derivative out layer by layer.
"""

import argparse
import json
import os
import resource
import sys
import time

import torch
import torch.nn.functional as F

HYPERS = 15

SEQUENCES = {
    "cnn": [("conv", "c1", 1, 0), "pool", "relu", ("conv", "c2", 1, 0), "pool", "relu", "flat",
            ("linear", "f1"), "relu", ("linear", "f2")],
    "simple-cnn": [("conv", "c1", 1, 2), "pool", "relu", ("conv", "c2", 1, 2), "pool", "relu", "flat",
                   ("linear", "f1"), "relu", ("linear", "f2")],
    "alexnet": [("conv", "c1", 2, 1), "pool", "relu", ("conv", "c2", 1, 1), "pool", "relu",
                ("conv", "c3", 1, 1), "relu", ("conv", "c4", 1, 1), "relu", ("conv", "c5", 1, 1), "pool", "relu",
                "flat", ("linear", "f1"), "relu", ("linear", "f2"), "relu", ("linear", "f3")],
}
WEIGHTS = {
    "cnn": {"c1": [32, 1, 5, 5], "c2": [64, 32, 5, 5], "f1": [1024, 512], "f2": [512, 10]},
    "simple-cnn": {"c1": [16, 1, 5, 5], "c2": [32, 16, 5, 5], "f1": [1568, 1568], "f2": [1568, 10]},
    "alexnet": {"c1": [64, 3, 3, 3], "c2": [192, 64, 3, 3], "c3": [384, 192, 3, 3], "c4": [256, 384, 3, 3],
                "c5": [256, 256, 3, 3], "f1": [1024, 4096], "f2": [4096, 4096], "f3": [4096, 10]},
}
IMAGES = {"cnn": [1, 28, 28], "simple-cnn": [1, 28, 28], "alexnet": [3, 32, 32], "vgg16": [3, 32, 32],
          "resnet18": [3, 32, 32]}


def deep():
    blocks = [[64, 64], [128, 128], [256, 256, 256], [512, 512, 512], [512, 512, 512]]
    steps, weights, before, count = [], {}, 3, 0
    for block in blocks:
        for i, channels in enumerate(block):
            count += 1
            weights[f"c{count}"] = [channels, before, 3, 3]
            steps += [("conv", f"c{count}", 1, 1), *(["pool"] if i == len(block) - 1 else []), "relu"]
            before = channels
    steps += ["flat", ("linear", "f1"), "relu", ("linear", "f2"), "relu", ("linear", "f3")]
    return steps, {**weights, "f1": [512, 512], "f2": [512, 512], "f3": [512, 10]}


SEQUENCES["vgg16"], WEIGHTS["vgg16"] = deep()
RATE = 0.05


def mask_like(x):
    """What dropout multiplies with: one number for each example and channel, or unit."""
    shape = [*x.shape[:2], *[1] * (x.dim() - 2)]
    return (torch.rand(shape) >= RATE).float() / (1 - RATE)


def residual_weights(width=16):
    weights, blocks = {"c0": [width, 3, 3, 3], "n0": [width]}, []
    for stage in range(4):
        for block in range(2):
            channels = width * 2**stage
            before = channels // 2 if block == 0 and stage > 0 else channels
            name = f"{stage}.{block}"
            weights["a" + name] = [channels, before, 3, 3]
            weights["b" + name] = [channels, channels, 3, 3]
            weights["m" + name] = weights["n" + name] = [channels]
            if before != channels:
                weights["s" + name], weights["o" + name] = [channels, before, 1, 1], [channels]
            blocks.append((name, 1 if before == channels else 2))
    weights["f"] = [8 * width, 10]
    return weights, blocks


WEIGHTS["resnet18"], BLOCKS = residual_weights()


def noise(shape, scale=1.0, shift=0):
    count = 1
    for size in shape:
        count *= size
    i = torch.arange(count, dtype=torch.float64)
    return (scale * (torch.remainder(i * 2654435761 + shift, 65537) / 32768.5 - 1)).float().reshape(shape)


def initial(network, shift=0):
    params = {}
    for name, shape in WEIGHTS[network].items():
        outputs = shape[1] if len(shape) == 2 else shape[0]
        fan = shape[0] if len(shape) == 2 else 1
        for size in shape[1:] if len(shape) == 4 else []:
            fan *= size
        scale = 0.0 if len(shape) == 1 else fan**-0.5
        params[name] = (noise(shape, scale, shift).requires_grad_(), torch.zeros(outputs).requires_grad_())
    return params


def layer(step, x, weight, bias):
    if step[0] == "conv":
        return F.conv2d(x, weight, bias, step[2], step[3])
    return F.linear(x, weight.t(), bias) if bias is not None else x @ weight


def on_channels(step, gain):
    return gain[:, :, None, None] if step[0] == "conv" else gain


def plain(network, params, x):
    if network == "resnet18":
        return residual(params, x)
    for step in SEQUENCES[network]:
        if step == "relu":
            x = F.relu(x)
        elif step == "pool":
            x = F.max_pool2d(x, 2)
        elif step == "flat":
            x = x.flatten(1)
        elif step == "drop":
            x = x * mask_like(x)
        else:
            x = layer(step, x, *params[step[1]])
    return x


def residual(params, x):
    def norm(name, x):
        weight, bias = params[name]
        return F.batch_norm(x, None, None, weight + 1, bias, training=True)

    def conv(name, x, stride, padding):
        return F.conv2d(x, *params[name], stride, padding)

    x = F.relu(norm("n0", conv("c0", x, 1, 1)))
    for name, stride in BLOCKS:
        around = x if stride == 1 else norm("o" + name, conv("s" + name, x, stride, 0))
        y = F.relu(norm("m" + name, conv("a" + name, x, stride, 1)))
        x = F.relu(norm("n" + name, conv("b" + name, y, 1, 1)) + around)
    return F.linear(x.mean((2, 3)), params["f"][0].t(), params["f"][1])


def responsive(network, params, second, gains, h, x):
    for step in SEQUENCES[network]:
        if step == "relu":
            x = F.relu(x)
        elif step == "pool":
            x = F.max_pool2d(x, 2)
        elif step == "flat":
            x = x.flatten(1)
        elif step == "drop":
            x = x * mask_like(x)
        else:
            name = step[1]
            (w, b), (v, c), (gw, gb) = params[name], second[name], gains[name]
            x = (layer(step, x, w, b) + on_channels(step, h @ gw) * layer(step, x, v, None)
                 + on_channels(step, (h @ gb) * c))
    return x


def tangent_by_hand(network, params, second, gains, h, x):
    """The prediction, with its graph to the weights, and its derivative in direction h, with its graph to the response only."""
    t = None
    for step in SEQUENCES[network]:
        if step == "relu":
            mask = x.detach() > 0
            x, t = F.relu(x), t * mask
        elif step == "pool":
            x, places = F.max_pool2d(x, 2, return_indices=True)
            t = t.flatten(2).gather(2, places.flatten(2)).reshape(places.shape)
        elif step == "flat":
            x, t = x.flatten(1), t.flatten(1)
        elif step == "drop":
            mask = mask_like(x)
            x, t = x * mask, None if t is None else t * mask
        else:
            name = step[1]
            (w, b), (v, c), (gw, gb) = params[name], second[name], gains[name]
            moved = (on_channels(step, h @ gw) * layer(step, x.detach(), v, None)
                     + on_channels(step, (h @ gb) * c))
            t = moved if t is None else moved + layer(step, t, w.detach(), None)
            x = layer(step, x, w, b)
    return x, t


def serve(step, kinds, peak):
    def take(kind):
        return step("plain" if kind == "train" else kind)

    for kind in kinds:
        take(kind)
    threads = {"torch": torch.get_num_threads()}
    print(json.dumps({"ready": True, "torch": torch.__version__, "threads": threads, "kinds": kinds}), flush=True)
    for line in sys.stdin:
        _, count, kind = line.split()
        ms = []
        for _ in range(int(count)):
            start = time.perf_counter()
            take(kind)
            ms.append(1000 * (time.perf_counter() - start))
        print(json.dumps({"kind": kind, "ms": ms, "peakResidentMiB": peak()}), flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("network", choices=list(WEIGHTS))
    parser.add_argument("method", choices=["plain", "delta", "double-backward", "by-hand"])
    parser.add_argument("--serve", action="store_true")
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)), help="default one for each core that it may use")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    if args.serve and args.network in SEQUENCES:
        SEQUENCES[args.network] = ["drop", *[part for step in SEQUENCES[args.network]
                                             for part in ([step, "drop"] if step == "relu" else [step])]]
    params = initial(args.network)
    x = noise([args.batch, *IMAGES[args.network]])
    labels = torch.tensor([i % 10 for i in range(args.batch)])
    leaves = [leaf for pair in params.values() for leaf in pair]
    if args.method != "plain":
        second = initial(args.network, 7)
        gains = {name: (noise([HYPERS, pair[1].numel()], 0.01, 5).requires_grad_(),
                        noise([HYPERS, pair[1].numel()], 0.01, 6).requires_grad_()) for name, pair in params.items()}
        h = noise([args.batch, HYPERS], 0.1, 3)
        response = [leaf for part in (second, gains) for pair in part.values() for leaf in pair]
    everything = leaves if args.method == "plain" else leaves + response
    momenta = [torch.zeros_like(leaf) for leaf in everything]

    def gradients(method):
        if method == "plain":
            loss = F.cross_entropy(plain(args.network, params, x), labels)
            return loss, torch.autograd.grad(loss, leaves)
        if method == "by-hand":
            value, tangent = tangent_by_hand(args.network, params, second, gains, h, x)
            loss = F.cross_entropy(value, labels)
            first = torch.autograd.grad(loss, leaves)
            other = F.cross_entropy(value.detach() + tangent, labels)
            return loss, [*first, *torch.autograd.grad(other, response)]
        loss = F.cross_entropy(plain(args.network, params, x), labels)
        first = torch.autograd.grad(loss, leaves)
        still = {name: (w.detach(), b.detach()) for name, (w, b) in params.items()}
        at = torch.zeros_like(h).requires_grad_()
        value = responsive(args.network, still, second, gains, at, x)
        cotangent = torch.zeros_like(value).requires_grad_()
        (backwards,) = torch.autograd.grad(value, at, cotangent, create_graph=True)
        (tangent,) = torch.autograd.grad(backwards, cotangent, h, create_graph=True)
        other = F.cross_entropy(value.detach() + tangent, labels)
        return loss, [*first, *torch.autograd.grad(other, response)]

    def step(method=args.method):
        loss, grads = gradients(method)
        with torch.no_grad():
            for leaf, momentum, grad in zip(everything, momenta, grads):
                momentum.mul_(0.9).add_(grad)
                leaf.sub_(momentum, alpha=0.01)
        return loss.item()

    def peak():
        return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)

    if args.serve:
        return serve(step, ["train"] if args.method == "plain" else ["double-backward", "by-hand"], peak)
    begun = time.perf_counter()
    loss = step()
    print(json.dumps({"firstMs": 1000 * (time.perf_counter() - begun), "loss": loss, "peakResidentMiB": peak()}), flush=True)
    for line in sys.stdin:
        ms = []
        count, before = int(line.split()[1]), time.process_time()
        for _ in range(count):
            start = time.perf_counter()
            step()
            ms.append(1000 * (time.perf_counter() - start))
        processor = 1000 * (time.process_time() - before) / count
        print(json.dumps({"ms": ms, "processorMs": processor, "peakResidentMiB": peak()}), flush=True)


main()
