"""Training steps with PyTorch: training_torch.py NETWORK FOLDER STEPS THREADS [WAY]

The losses of the first ten steps, without the mlp's penalty, are the check; Adam's epsilon is set anew each step, so that
PyTorch's formula is that of Keras. WAY is a way that an earlier run found to be the fastest; without it, plain and
channels-last memory and Adam's two forms are tried.
"""

import sys

import torch
from measuring import report_training
from networks import CHECKED_STEPS, EPSILON, FILTERS, HIDDEN, L2, LEARNING_RATE, NORM_EPSILON, NORM_MOMENTUM, load
from torch import nn
from torch.nn import functional as F

network, folder, count, threads, *chosen = sys.argv[1:]
torch.set_num_threads(int(threads))
tensors = {name: torch.from_numpy(values) for name, values in load(folder).items()}
inputs, labels = tensors["inputs"], tensors["labels"]


def parameter(name):
    return nn.Parameter(tensors[name].clone())


def dense(name):
    layer = nn.Linear(*reversed(tensors[f"{name}.weight"].shape))
    layer.weight, layer.bias = parameter(f"{name}.weight"), parameter(f"{name}.bias")
    return layer


def convolution(name, padding=0):
    outputs, channels, kernel, _ = tensors[f"{name}.weight"].shape
    biased = f"{name}.bias" in tensors
    layer = nn.Conv2d(channels, outputs, kernel, padding=padding, bias=biased)
    layer.weight = parameter(f"{name}.weight")
    if biased:
        layer.bias = parameter(f"{name}.bias")
    return layer


def norm(name):
    layer = nn.BatchNorm2d(len(tensors[f"{name}.scale"]), eps=NORM_EPSILON, momentum=1 - NORM_MOMENTUM)
    layer.weight, layer.bias = parameter(f"{name}.scale"), parameter(f"{name}.shift")
    return layer


def lstm(name):
    gates, width = tensors[f"{name}.input_weight"].shape
    layer = nn.LSTM(width, gates // 4, batch_first=True)
    layer.weight_ih_l0, layer.weight_hh_l0 = parameter(f"{name}.input_weight"), parameter(f"{name}.recurrent_weight")
    layer.bias_ih_l0 = parameter(f"{name}.bias")
    # PyTorch has a second bias, which the others lack: it stays zero.
    layer.bias_hh_l0 = nn.Parameter(torch.zeros(gates), requires_grad=False)
    return layer


class Mlp(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden = nn.ModuleList(dense(f"dense{number}") for number in range(1, len(HIDDEN) + 1))
        self.output = dense("output")

    def forward(self, x):
        x = x.flatten(1)
        for layer in self.hidden:
            x = F.relu(layer(x))
        return self.output(x)


class Cnn(nn.Module):
    """Keras' "same" pooling of these sizes is symmetric padding, or none with the last window cut short."""

    def __init__(self):
        super().__init__()
        self.convolution1, self.convolution2, self.convolution3 = (convolution(f"convolution{n}") for n in (1, 2, 3))
        self.norm1 = norm("norm1")
        self.dense1, self.output = dense("dense1"), dense("output")

    def forward(self, x):
        x = x.unsqueeze(1)
        x = self.norm1(F.max_pool2d(F.relu(self.convolution1(x)), 3, 2, (1, 1)))
        x = F.max_pool2d(F.relu(self.convolution2(x)), 3, 2, (1, 0), ceil_mode=True)
        x = F.max_pool2d(F.relu(self.convolution3(x)), 2, 2, ceil_mode=True)
        return self.output(F.relu(self.dense1(x.flatten(1))))


class Lstm(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm1, self.lstm2 = lstm("lstm1"), lstm("lstm2")
        self.dense1, self.output = dense("dense1"), dense("output")

    def forward(self, x):
        states, _ = self.lstm1(x)
        _, (last, _) = self.lstm2(states)
        return self.output(F.relu(self.dense1(last[0])))


class Vgg(nn.Module):
    def __init__(self):
        super().__init__()
        self.blocks = nn.Sequential(*(
            nn.Sequential(convolution(f"convolution{number}", 1), norm(f"norm{number}"), nn.ReLU(inplace=True),
                          nn.MaxPool2d(2))
            for number in range(1, len(FILTERS) + 1)))
        self.output = dense("output")

    def forward(self, x):
        return self.output(self.blocks(x.unsqueeze(1)).mean((2, 3)))


class Training:
    def __init__(self, memory_format, foreach):
        self.model = {"mlp": Mlp, "cnn": Cnn, "lstm": Lstm, "vgg": Vgg}[network]().train()
        self.model.to(memory_format=memory_format)
        trained = {id(tensor): tensor for tensor in self.model.parameters() if tensor.requires_grad}
        groups = [{"params": [trained.pop(id(layer.weight)) for layer in getattr(self.model, "hidden", [])],
                   "weight_decay": 2 * L2},  # the gradient of L2 · |W|²
                  {"params": list(trained.values())}]
        self.optimiser = torch.optim.Adam([group for group in groups if group["params"]], lr=LEARNING_RATE,
                                          foreach=foreach)
        self.number = 0

    def step(self):
        self.number += 1
        for group in self.optimiser.param_groups:
            group["eps"] = EPSILON / (1 - 0.999**self.number) ** 0.5  # Keras' formula
        self.optimiser.zero_grad(set_to_none=True)
        loss = F.cross_entropy(self.model(inputs), labels)
        loss.backward()
        self.optimiser.step()
        return loss.item()


formats = {"plain": torch.contiguous_format}
if network in ("cnn", "vgg"):
    formats["channels last"] = torch.channels_last
ways = {f"{name}, foreach={foreach}": Training(memory_format, foreach).step
        for name, memory_format in formats.items() for foreach in (False, True)}
if chosen:
    ways = {chosen[0]: ways[chosen[0]]}
report_training(ways, CHECKED_STEPS, int(count), torch.__version__)
