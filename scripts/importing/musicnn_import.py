"""musicnn (Pons & Serra 2019): MSD_musicnn and MTT_musicnn of the PyPI wheel, as model files."""

import shutil
import tempfile
from pathlib import Path

import numpy
import tensorflow

import model_file
import model_labels

# As musicnn/extractor.py computes them, except its float16: that overflows in loud music (the mel power that becomes
# 65504 / 10000 is reached by most recordings), and its authors' own published values were computed without it.
FEATURES = {"kind": "logmel", "sample_rate": 16000, "fft_size": 512, "hop_length": 256, "mel_bands": 96,
            "coefficients": 13, "minimum_frequency": 0.0, "maximum_frequency": 0.0, "padding": "reflect",
            "reference": 1.0, "amin": 1e-10, "top_db": None, "compression": "log10-1p",
            "compression_constant": 10000.0}
SEGMENTS = {"seconds": 2.992, "segments_per_block": 0, "frames": 187, "frame_step": 1.0}
EPSILON = 1e-3  # of batch norm
AUTHORS = "Jordi Pons and Xavier Serra (Music Technology Group, Universitat Pompeu Fabra)"
PAPER = "Pons & Serra, \"musicnn: pre-trained convolutional neural networks for music audio tagging\", ISMIR 2019"
# Convolutions and batch norms, in the order in which the authors' program makes them.
CONVOLUTIONS = ["timbral1", "timbral2", "temporal1", "temporal2", "temporal3", "middle1", "middle2", "middle3"]
MODELS = {
    "msd-musicnn": ("MSD_musicnn", "msd", {
        "data": "Million Song Dataset, previews of the 241,889 tracks with the 50 most frequent tags of Last.fm, "
                "in the split of Choi et al."}, {"protocol": "MSD test split, as published", "roc_auc": 0.880,
                                                 "pr_auc": 0.289}),
    "mtt-musicnn": ("MTT_musicnn", "mtt", {
        "data": "MagnaTagATune, about 26,000 excerpts of 29 s with the 50 most frequent tags"},
        {"protocol": "MagnaTagATune test split, as published", "roc_auc": 0.907, "pr_auc": 0.383}),
}


def read_checkpoint(folder):
    """The values by name, without those of the optimizer. The files have no prefix, which TensorFlow needs."""
    with tempfile.TemporaryDirectory() as place:
        for suffix in ("index", "data-00000-of-00001"):
            shutil.copy(folder / f".{suffix}", Path(place) / f"model.{suffix}")
        reader = tensorflow.train.load_checkpoint(str(Path(place) / "model"))
        return {name: reader.get_tensor(name) for name in reader.get_variable_to_shape_map()
                if "Adam" not in name and "_power" not in name}


def numbered(name, number):
    return f"{name}_{number}" if number else name


def norm(values, number):
    name = numbered("batch_normalization", number)
    return {"scale": values[f"{name}/gamma"], "shift": values[f"{name}/beta"], "mean": values[f"{name}/moving_mean"],
            "variance": values[f"{name}/moving_variance"]}


def convert(values):
    tensors = {}
    # The input has one channel: its batch norm is one mean and one scale for all bands.
    first = norm(values, 0)
    scale = first["scale"][0] / numpy.sqrt(numpy.float64(first["variance"][0]) + EPSILON)
    tensors["input.mean"] = numpy.full(96, first["mean"][0] - first["shift"][0] / scale, "f4")
    tensors["input.scale"] = numpy.full(96, scale, "f4")
    for number, name in enumerate(CONVOLUTIONS):
        kernel = values[f"{numbered('conv2d', number)}/kernel"]  # frames, bands or values, channels, filters
        order = (3, 1, 0, 2) if name.startswith("middle") else (3, 2, 0, 1)
        tensors[f"{name}.weight"] = kernel.transpose(order)
        tensors[f"{name}.bias"] = values[f"{numbered('conv2d', number)}/bias"]
        tensors |= {f"{name}_norm.{key}": value for key, value in norm(values, number + 1).items()}
    # The authors' program has maximum and mean of each value side by side: here all maxima come first.
    together = numpy.arange(1506).reshape(753, 2).T.ravel()
    tensors |= {f"pool_norm.{key}": value[together] for key, value in norm(values, 9).items()}
    tensors["dense1.weight"] = values["dense/kernel"][together].T
    tensors["dense1.bias"] = values["dense/bias"]
    tensors |= {f"dense1_norm.{key}": value for key, value in norm(values, 10).items()}
    tensors["output.weight"] = values["dense_1/kernel"].T
    tensors["output.bias"] = values["dense_1/bias"]
    return {name: numpy.ascontiguousarray(value, "f4") for name, value in tensors.items()}


def make(folder, package, name):
    """@param package  the unpacked wheel's folder musicnn"""
    original, labels, training, evaluation = MODELS[name]
    model_file.write(
        folder, name, network="musicnn", options={}, features=FEATURES, segments=SEGMENTS,
        labels=model_labels.read(labels), tensors=convert(read_checkpoint(Path(package) / original)),
        licence_id="ISC", licence_text=model_file.licence("ISC-musicnn"), authors=AUTHORS,
        source=f"{original} of the package musicnn 0.1.0, https://github.com/jordipons/musicnn; {PAPER}",
        training=training, evaluation=evaluation)
