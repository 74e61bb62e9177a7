"""The networks whose training steps are measured, as folders of .npy files that every program loads: the same batch and
the same initial weights for all.

    networks.py NETWORK FOLDER     NETWORK: mlp, cnn, lstm or vgg

inputs.npy (32 × frames × values), labels.npy (32, bytes), and one NAME.npy for each tensor, under the names and in the
shapes of the model file (docs/reference/model-file.md). `vgg` takes log-mel bands: four times a 3×3 "same" convolution without
bias, batch norm, ReLU and 2×2 max pooling, then the mean of each channel and a dense layer. There is no dropout
anywhere, since random numbers would differ from program to program.
"""

import sys
from pathlib import Path

import numpy as np

BATCH = 32
CLASSES = 10
LEARNING_RATE = 1e-4
EPSILON = 1e-7
NORM_EPSILON = 1e-3
NORM_MOMENTUM = 0.99
L2 = 0.001  # of the mlp's hidden kernels
CHECKED_STEPS = 10
HIDDEN = [512, 256, 64]  # mlp
FILTERS = [32, 64, 128, 128]  # vgg


def input_shape(network):
    return (77, 128) if network == "vgg" else (259, 13)


class Tensors(dict):
    """Random initial values, as docs/internals/networks.md describes them."""

    def __init__(self, random):
        super().__init__()
        self.random = random

    def glorot(self, name, shape):
        receptive = int(np.prod(shape[2:]))
        limit = np.sqrt(6 / ((shape[0] + shape[1]) * receptive))
        self[name] = self.random.uniform(-limit, limit, shape)

    def dense(self, name, outputs, inputs):
        self.glorot(f"{name}.weight", (outputs, inputs))
        self[f"{name}.bias"] = np.zeros(outputs)

    def convolution(self, name, outputs, inputs, kernel, bias=True):
        self.glorot(f"{name}.weight", (outputs, inputs, kernel, kernel))
        if bias:
            self[f"{name}.bias"] = np.zeros(outputs)

    def norm(self, name, channels):
        for tensor, value in {"scale": 1, "shift": 0, "mean": 0, "variance": 1}.items():
            self[f"{name}.{tensor}"] = np.full(channels, value)

    def lstm(self, name, units, inputs):
        self.glorot(f"{name}.input_weight", (4 * units, inputs))
        square, _ = np.linalg.qr(self.random.standard_normal((4 * units, units)))
        self[f"{name}.recurrent_weight"] = square
        self[f"{name}.bias"] = np.repeat([0, 1, 0, 0], units)


def tensors_of(network, random):
    tensors = Tensors(random)
    width = 64
    if network == "mlp":
        inputs = 259 * 13
        for number, width in enumerate(HIDDEN, 1):
            tensors.dense(f"dense{number}", width, inputs)
            inputs = width
    elif network == "cnn":
        for number, (inputs, kernel) in enumerate([(1, 3), (32, 3), (32, 2)], 1):
            tensors.convolution(f"convolution{number}", 32, inputs, kernel)
        tensors.norm("norm1", 32)
        tensors.dense("dense1", 64, 32 * 32 * 1)
    elif network == "lstm":
        tensors.lstm("lstm1", 64, 13)
        tensors.lstm("lstm2", 64, 64)
        tensors.dense("dense1", 64, 64)
    elif network == "vgg":
        inputs = 1
        for number, filters in enumerate(FILTERS, 1):
            tensors.convolution(f"convolution{number}", filters, inputs, 3, bias=False)
            tensors.norm(f"norm{number}", filters)
            inputs = filters
        width = inputs
    else:
        raise SystemExit(f"unknown network {network}")
    tensors.dense("output", CLASSES, width)
    return tensors


def write(network, folder):
    random = np.random.default_rng(1)
    folder.mkdir(parents=True, exist_ok=True)
    np.save(folder / "inputs.npy", random.standard_normal((BATCH, *input_shape(network)), dtype=np.float32))
    np.save(folder / "labels.npy", random.integers(0, CLASSES, BATCH, dtype=np.uint8))
    for name, values in tensors_of(network, random).items():
        np.save(folder / f"{name}.npy", np.ascontiguousarray(values, np.float32))


def load(folder):
    tensors = {path.stem: np.load(path) for path in Path(folder).glob("*.npy")}
    tensors["labels"] = tensors["labels"].astype(np.int64)
    return tensors


if __name__ == "__main__":
    write(sys.argv[1], Path(sys.argv[2]))
