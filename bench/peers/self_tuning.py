#!/usr/bin/env python3
"""Times the training and hyperparameter steps of self-tuning networks in PyTorch: the peer of `hypertrain bench step --peer`.

A program of our own, written from the equations of the papers: MacKay, Vicol, Lorraine, Duvenaud, Grosse, "Self-tuning
networks" (2019, arXiv 1903.03088) and Bae and Grosse, "Delta-STN" (2020, arXiv 2010.13514). It computes what the methods of
src/tuners/ compute, as fast as we could make PyTorch do it.

    symbol   meaning                                                          shape             here
    lam, s   unconstrained hyperparameters; sigma = softplus(s)               [size]            hypers, scales
    eps      perturbation, sigma z with z standard normal, one per example    [rows, size]      eps; z is normal
    w0       W0 and b0 of every layer                                         tuples            base
    Theta    V, G_w, v and G_b of every layer                                 tuples            response
    h        the response's input: lam + eps (STN), eps (Delta-STN)           [rows, size]      h
    xi       uniform draws that decide what dropout keeps                     [rows, features]  uniforms

    W(h) = W0 + V diag(h G_w),  b(h) = b0 + (h G_b) * v,  so  y = x W0 + b0 + (h G_w) * (x V) + (h G_b) * v.

The network is a perceptron with ReLU units and a dropout place on the input and behind every hidden layer, each with a rate
of its own, .95 sigmoid(lam). A step draws xi and z itself; the minibatches are drawn once.

    method     kind             what one step does
    plain      train            momentum SGD on w0 at fixed rates
    stn        train            momentum SGD on w0 and Theta, jointly, of the loss at lam + eps
    delta-stn  written-out      momentum SGD on w0 of the loss at lam, and on Theta of the loss at lam + eps of the network
                                linearised in h, its derivative in direction eps written out layer by layer;
               forward-mode     the same, the derivative by torch.autograd.forward_ad;
               double-backward  the same, the derivative by a vector-Jacobian product of a vector-Jacobian product
    both       tune             RMSprop on lam and s of the validation loss, without dropout
    all        product          one product of two matrices [1200, 1200]: the machine's rate

Protocol: prints {"ready": true, ...}; then for every line `step N KIND` of stdin takes N steps and prints
{"kind": KIND, "ms": [...], "peakResidentMiB": ...}; ends with its input. `--check` compares every gradient with central
differences.
"""
import argparse
import json
import math
import os
import resource
import sys
import time
from types import SimpleNamespace

HIGHEST_RATE = 0.95
START_RATE = 0.05
ENTROPY_WEIGHT = 1e-3
LEARNING_RATE = 0.01
PRODUCT_SIZE = 1200


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--method", choices=["plain", "stn", "delta-stn"], default="delta-stn")
    parser.add_argument("--sizes", type=int, nargs="+", default=[784, 1200, 1200, 10], help="units of every layer")
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--torch-threads", type=int, help="PyTorch's own threads; default 1, with MKL one for each core")
    parser.add_argument("--blas-threads", type=int, default=os.cpu_count(), help="OpenBLAS's; default one for each core")
    parser.add_argument("--warm-up", type=int, default=5, help="steps of each kind before the first that counts")
    parser.add_argument("--check", action="store_true", help="compare gradients with central differences, in float64")
    return parser.parse_args()


options = arguments()
os.environ["OPENBLAS_NUM_THREADS"] = str(options.blas_threads)  # read when PyTorch is loaded

import torch  # noqa: E402
import torch.autograd.forward_ad as forward_ad  # noqa: E402
import torch.nn.functional as F  # noqa: E402

# With OpenBLAS, a second pool of threads competes with its own: two and two threads are three times slower than one and two.
# MKL has no pool but PyTorch's.
torch.set_num_threads(options.torch_threads or (os.cpu_count() if torch.backends.mkl.is_available() else 1))


# The network -----------------------------------------------------------------------------------------------------------------


def dropout_factor(rate, uniform):
    """1 / (1 - rate) where the draw reaches the rate, else 0. F.dropout, which knows one rate only, takes longer."""
    kept = torch.ge(uniform, rate, out=torch.empty_like(uniform))  # numbers, since a product converts booleans slowly
    return kept.mul_(1 / (1 - rate))


def plain_layer(x, base):
    weight, bias = base
    return F.linear(x, weight, bias)  # weights are [outputs, inputs]


def responding_layer(x, base, response, h):
    direction, gain, bias_direction, bias_gain = response
    return plain_layer(x, base) + (h @ gain) * F.linear(x, direction) + (h @ bias_gain) * bias_direction


def linearised_layer(x, dx, base, response, eps):
    """A layer's output at h = 0 and its derivative in direction eps; dx is None where the input does not depend on h."""
    direction, gain, bias_direction, bias_gain = response
    dy = (eps @ gain) * F.linear(x, direction) + (eps @ bias_gain) * bias_direction
    return plain_layer(x, base), dy if dx is None else dy + F.linear(dx, base[0])


def perceptron(x, layers, drop):
    """`layers` are functions of the input alone; `drop` is one of (place, x)."""
    for place, layer in enumerate(layers):
        x = layer(drop(place, x))
        if place + 1 < len(layers):
            x = torch.relu(x)
    return x


def plain_network(x, base, drop):
    return perceptron(x, [lambda x, b=b: plain_layer(x, b) for b in base], drop)


def responding_network(x, base, response, h, drop):
    pairs = zip(base, response)
    return perceptron(x, [lambda x, b=b, r=r: responding_layer(x, b, r, h) for b, r in pairs], drop)


def dropping(rates, uniforms):
    """`rates`: one [rows, 1] or number for each place."""
    return lambda place, x: x * dropout_factor(rates[place], uniforms[place])


def keeping(_, x):
    return x


def rates_at(hypers):
    """Rates of every place, [rows, 1] each, of lam + eps: [rows, size]."""
    return (HIGHEST_RATE * torch.sigmoid(hypers)).unsqueeze(-1).unbind(1)


# The linearised prediction, three ways ---------------------------------------------------------------------------------------


def written_out(x, base, response, eps, drop_rates, uniforms):
    last = len(base) - 1
    y, dy = x, None
    for place, (b, r) in enumerate(zip(base, response)):
        scale = dropout_factor(drop_rates[place], uniforms[place])
        y, dy = linearised_layer(y * scale, None if dy is None else dy * scale, b, r, eps)
        if place < last:
            dy = dy * (y > 0)
            y = torch.relu(y)
    return y + dy


def forward_mode(x, base, response, eps, drop_rates, uniforms):
    with forward_ad.dual_level():
        h = forward_ad.make_dual(torch.zeros_like(eps), eps)
        y, dy = forward_ad.unpack_dual(responding_network(x, base, response, h, dropping(drop_rates, uniforms)))
        return y.detach() + dy  # y does not depend on Theta at h = 0


def double_backward(x, base, response, eps, drop_rates, uniforms):
    h = torch.zeros_like(eps, requires_grad=True)
    y = responding_network(x, base, response, h, dropping(drop_rates, uniforms))
    cotangent = torch.zeros_like(y, requires_grad=True)
    (product,) = torch.autograd.grad(y, h, cotangent, create_graph=True)
    (dy,) = torch.autograd.grad(product, cotangent, eps, create_graph=True)
    return y.detach() + dy


LINEARISED = {"written-out": written_out, "forward-mode": forward_mode, "double-backward": double_backward}


# The losses ------------------------------------------------------------------------------------------------------------------


def plain_loss(state, data, noise):
    rates = rates_at(state.hypers.unsqueeze(0))
    return F.cross_entropy(plain_network(data.x, state.base, dropping(rates, noise.uniforms)), data.y)


def stn_loss(state, data, noise):
    perturbed = state.hypers + noise.normal * F.softplus(state.scales)
    drop = dropping(rates_at(perturbed), noise.uniforms)
    return F.cross_entropy(responding_network(data.x, state.base, state.response, perturbed, drop), data.y)


def linearised_loss(state, data, noise, linearised):
    eps = noise.normal * F.softplus(state.scales)
    rates = rates_at(state.hypers + eps)
    return F.cross_entropy(linearised(data.x, detached(state.base), state.response, eps, rates, noise.uniforms), data.y)


def tuning_loss(state, data, normal, origin):
    sigma = F.softplus(state.scales)
    h = state.hypers + normal * sigma - origin
    valid = F.cross_entropy(responding_network(data.x, detached(state.base), detached(state.response), h, keeping), data.y)
    return valid - ENTROPY_WEIGHT * torch.log(sigma * math.sqrt(2 * math.pi * math.e)).sum()


def detached(layers):
    return [tuple(leaf.detach() for leaf in layer) for layer in layers]


# The steps -------------------------------------------------------------------------------------------------------------------


def initial_layer(inputs, outputs):
    bound = 1 / math.sqrt(inputs)  # Kaiming-uniform with a = sqrt 5
    return torch.empty(outputs, inputs).uniform_(-bound, bound), torch.empty(outputs).uniform_(-bound, bound)


def initial_state(sizes, gains=torch.zeros):
    shapes, places = list(zip(sizes, sizes[1:])), len(sizes) - 1
    base = [initial_layer(*shape) for shape in shapes]
    directions = [initial_layer(*shape) for shape in shapes]
    response = [(v, gains(places, u.numel()), u, gains(places, u.numel())) for v, u in directions]
    for leaf in leaves(base) + leaves(response):
        leaf.requires_grad_()
    start = math.log(START_RATE / (HIGHEST_RATE - START_RATE))
    hypers = torch.full((places,), start).requires_grad_()
    scales = torch.full((places,), math.log(math.e - 1)).requires_grad_()  # softplus of it is 1
    return SimpleNamespace(base=base, response=response, hypers=hypers, scales=scales, sizes=sizes)


def leaves(layers):
    return [leaf for layer in layers for leaf in layer]


def random_data(sizes, rows):
    return SimpleNamespace(x=torch.randn(rows, sizes[0]), y=torch.randint(sizes[-1], (rows,)))


def draw_uniforms(state, rows):
    return [torch.rand(rows, size) for size in state.sizes[:-1]]


def draw_noise(state, rows):
    """One draw of xi serves both updates of Delta-STN."""
    return SimpleNamespace(uniforms=draw_uniforms(state, rows), normal=draw_normal(state, rows))


def draw_normal(state, rows):
    return torch.randn(rows, state.hypers.numel())


def momentum(parameters):
    return torch.optim.SGD(parameters, lr=LEARNING_RATE, momentum=0.9)


def descend(optimizer, parameters, gradients):
    for leaf, gradient in zip(parameters, gradients):
        leaf.grad = gradient
    optimizer.step()


def plain_steps(state, train, _):
    base = leaves(state.base)
    optimizer = momentum(base)
    rates = [torch.tensor(START_RATE)] * (len(state.sizes) - 1)

    def step():
        drop = dropping(rates, draw_uniforms(state, train.x.shape[0]))
        loss = F.cross_entropy(plain_network(train.x, state.base, drop), train.y)
        descend(optimizer, base, torch.autograd.grad(loss, base))

    return {"train": step}


def stn_steps(state, train, valid):
    both = leaves(state.base) + leaves(state.response)
    optimizer = momentum(both)
    held = holding_hypers(state)

    def step():
        loss = stn_loss(held, train, draw_noise(held, train.x.shape[0]))
        descend(optimizer, both, torch.autograd.grad(loss, both))

    return {"train": step, "tune": tuning_step(state, valid, origin_at=lambda hypers: 0)}


def delta_stn_steps(state, train, valid):
    base, response = leaves(state.base), leaves(state.response)
    base_optimizer, response_optimizer = momentum(base), momentum(response)
    held = holding_hypers(state)

    def step_with(linearised):
        def step():
            noise = draw_noise(held, train.x.shape[0])
            of_base = torch.autograd.grad(plain_loss(held, train, noise), base)
            of_response = torch.autograd.grad(linearised_loss(held, train, noise, linearised), response)
            descend(base_optimizer, base, of_base)
            descend(response_optimizer, response, of_response)

        return step

    steps = {kind: step_with(linearised) for kind, linearised in LINEARISED.items()}
    return {**steps, "tune": tuning_step(state, valid, origin_at=lambda hypers: hypers.detach().clone())}


def tuning_step(state, valid, origin_at):
    tuned = [state.hypers, state.scales]
    optimizer = torch.optim.RMSprop(tuned, lr=LEARNING_RATE)

    def step():
        normal = draw_normal(state, valid.x.shape[0])
        loss = tuning_loss(state, valid, normal, origin_at(state.hypers))
        descend(optimizer, tuned, torch.autograd.grad(loss, tuned))

    return step


def holding_hypers(state):
    """The same state, as training sees it: no gradient by lam and s."""
    return SimpleNamespace(**{**vars(state), "hypers": state.hypers.detach(), "scales": state.scales.detach()})


def product_step():
    a, b = torch.randn(PRODUCT_SIZE, PRODUCT_SIZE), torch.randn(PRODUCT_SIZE, PRODUCT_SIZE)
    out = torch.empty_like(a)
    return lambda: torch.mm(a, b, out=out)


METHODS = {"plain": plain_steps, "stn": stn_steps, "delta-stn": delta_stn_steps}


# The protocol ----------------------------------------------------------------------------------------------------------------


def serve():
    torch.manual_seed(0)
    state = initial_state(options.sizes)
    train, valid = (random_data(options.sizes, options.batch) for _ in range(2))
    steps = {**METHODS[options.method](state, train, valid), "product": product_step()}
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


# The check -------------------------------------------------------------------------------------------------------------------


def check():
    """Every gradient against central differences along a random direction, on a small network with a response that is not 0."""
    torch.manual_seed(0)
    torch.set_default_dtype(torch.float64)
    state = initial_state([6, 7, 5, 4], gains=lambda *shape: 0.3 * torch.randn(*shape))
    data, noise = random_data(state.sizes, 9), draw_noise(state, 9)
    base, response = leaves(state.base), leaves(state.response)
    both = [state.hypers, state.scales]
    origin = state.hypers.detach().clone()
    training = holding_hypers(state)
    losses = {
        "plain: w0": (base, lambda: plain_loss(training, data, noise)),
        "stn: w0 and Theta": (base + response, lambda: stn_loss(training, data, noise)),
        "stn: lam and s": (both, lambda: tuning_loss(state, data, noise.normal, 0)),
        "delta-stn: lam and s": (both, lambda: tuning_loss(state, data, noise.normal, origin)),
    }
    for kind, linearised in LINEARISED.items():
        losses[f"delta-stn, {kind}: Theta"] = response, lambda f=linearised: linearised_loss(training, data, noise, f)
    errors = {name: gradient_error(loss, parameters) for name, (parameters, loss) in losses.items()}
    for kind, error in prediction_errors(training, data, noise).items():
        errors[f"delta-stn, {kind}: prediction"] = error
    ok = all(error < 1e-6 for error in errors.values())
    say({"ok": ok, "relativeErrors": errors})
    return 0 if ok else 1


def gradient_error(loss, parameters, width=1e-5):
    directions = [torch.randn_like(leaf) for leaf in parameters]
    analytic = sum((g * d).sum() for g, d in zip(torch.autograd.grad(loss(), parameters), directions))

    def move(t):
        with torch.no_grad():
            for leaf, direction in zip(parameters, directions):
                leaf += t * direction

    def at(t):
        move(t)
        value = loss().item()
        move(-t)
        return value

    return relative((at(width) - at(-width)) / (2 * width), analytic.item())


def prediction_errors(state, data, noise, width=1e-5):
    """f(0) + f'(0) eps by central differences of the network in h, for the whole prediction."""
    rates, eps = rates_at(state.hypers + noise.normal), noise.normal

    def at(t):
        return responding_network(data.x, state.base, state.response, t * eps, dropping(rates, noise.uniforms))

    expected = at(0) + (at(width) - at(-width)) / (2 * width)
    given = {kind: f(data.x, state.base, state.response, eps, rates, noise.uniforms) for kind, f in LINEARISED.items()}
    return {kind: ((y - expected).norm() / expected.norm()).item() for kind, y in given.items()}


def relative(a, b):
    return abs(a - b) / max(abs(a), abs(b))


if __name__ == "__main__":
    sys.exit(check() if options.check else serve())
