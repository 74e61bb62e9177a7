"""Tensors of a model file (docs/reference/model-file.md) as Keras wants them."""

from keras import layers


def set_weights(model, tensors):
    """Gives every layer of `model` the tensors under its name. An LSTM's gates have the same order in both: input,
    forget, cell, output. Flattened images have not: channels come first in the model file and last in Keras."""
    image = None
    for layer in model.layers:
        if isinstance(layer, layers.Flatten) and len(layer.input.shape) == 4:
            image = layer.input.shape[1:]
        weights = weights_of(layer, tensors, image)
        if weights:
            layer.set_weights(weights)
        if isinstance(layer, layers.Dense):
            image = None


def weights_of(layer, tensors, image):
    def tensor(name):
        return tensors[f"{layer.name}.{name}"]

    if isinstance(layer, layers.Dense):
        kernel = tensor("weight")
        if image:
            frames, values, channels = image
            kernel = kernel.reshape(-1, channels, frames, values).transpose(0, 2, 3, 1).reshape(len(kernel), -1)
        return [kernel.T, tensor("bias")]
    if isinstance(layer, layers.Conv2D):
        kernel = tensor("weight").transpose(2, 3, 1, 0)
        return [kernel, tensor("bias")] if layer.use_bias else [kernel]
    if isinstance(layer, layers.BatchNormalization):
        return [tensor(name) for name in ("scale", "shift", "mean", "variance")]
    if isinstance(layer, layers.LSTM):
        return [tensor("input_weight").T, tensor("recurrent_weight").T, tensor("bias")]
    return []
