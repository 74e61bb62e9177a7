"""YAMNet (Plakal & Ellis): its TFLite file, with its 8-bit weights, as a model file.

The file has batch norm in the convolutions' weights and biases. Here it becomes one that only adds: its scale is 1,
and its variance is 1 less the epsilon.
"""

import csv

import numpy
from ai_edge_litert.interpreter import Interpreter

import model_file
import model_labels

FEATURES = {"kind": "logmel", "sample_rate": 16000, "fft_size": 512, "window_length": 400, "hop_length": 160,
            "mel_bands": 64, "coefficients": 13, "minimum_frequency": 125.0, "maximum_frequency": 7500.0,
            "padding": "zero", "centred": False, "reference": 1.0, "amin": 1e-10, "top_db": None,
            "spectrum": "magnitude", "mel_scale": "htk", "mel_norm": "peak", "compression": "ln-offset",
            "compression_constant": 0.001}
SEGMENTS = {"seconds": 0.975, "segments_per_block": 0, "frames": 96, "frame_step": 1.0, "hop_frames": 48}
EPSILON = 1e-4  # of batch norm
BLOCKS = 13


def read_tensors(path):
    """What is constant in the graph, by the operators that use it: name of the layer: (values, scales or None)."""
    interpreter = Interpreter(model_path=str(path))
    details = {entry["index"]: entry for entry in interpreter.get_tensor_details()}
    # Some 8-bit weights become floats first; the weights themselves are wanted.
    sources = {op["outputs"][0]: op["inputs"][0] for op in interpreter._get_ops_details()
               if op["op_name"] == "DEQUANTIZE"}

    def constant(index):
        index = sources.get(index, index)
        scales = details[index]["quantization_parameters"]["scales"]
        values = interpreter.get_tensor(index)
        if values.dtype == numpy.int8:
            assert not details[index]["quantization_parameters"]["zero_points"].any()
        return values, scales if values.dtype == numpy.int8 else None

    layers = []
    for op in interpreter._get_ops_details():
        if op["op_name"] in ("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED"):
            _, weight, bias = (int(index) for index in op["inputs"][:3])
            layers.append((op["op_name"], constant(weight), constant(bias)[0] if bias >= 0 else None))
    return layers


def convert(layers):
    # The first three are the Fourier transform and the mel bands.
    layers = [layer for layer in layers if layer[0] != "FULLY_CONNECTED"] + [layers[-1]]
    names = ["stem"] + [f"block{block}.{part}" for block in range(1, BLOCKS + 1)
                        for part in ("depthwise", "pointwise")]
    tensors = {"input.mean": numpy.zeros(64, "f4"), "input.scale": numpy.ones(64, "f4")}

    def add(name, values, scales):
        tensors.update({name: values} if scales is None else model_file.quantised(name, values, scales))

    for name, (_, (values, scales), bias) in zip(names, layers, strict=False):
        # Filters, frames, bands, channels; within channels: 1, frames, bands, channels.
        order = (3, 0, 1, 2) if name.endswith("depthwise") else (0, 3, 1, 2)
        add(f"{name}.weight", numpy.ascontiguousarray(values.transpose(order)), scales)
        one = numpy.ones(len(bias), "f4")
        tensors |= {f"{name}_norm.scale": one, f"{name}_norm.shift": bias, f"{name}_norm.mean": one * 0,
                    f"{name}_norm.variance": (one * (1.0 - EPSILON)).astype("f4")}
    _, (values, scales), bias = layers[-1]
    add("output.weight", values, scales)
    tensors["output.bias"] = bias
    return tensors


def make(folder, tflite, class_map):
    labels = model_labels.read("audioset")
    with open(class_map, encoding="utf-8", newline="") as file:
        delimiter = "\t" if "\t" in file.readline() else ","
        file.seek(0)
        names = [row["display_name"] for row in csv.DictReader(file, delimiter=delimiter)]
    assert names == [label for label, _ in labels], "the class map has other labels than labels/audioset.csv"
    model_file.write(
        folder, "yamnet", network="mobilenet", options={}, features=FEATURES, segments=SEGMENTS, labels=labels,
        tensors=convert(read_tensors(tflite)), licence_id="Apache-2.0", licence_text=model_file.licence("Apache-2.0"),
        authors="Manoj Plakal and Dan Ellis (Google), The TensorFlow Authors",
        source="yamnet.tflite of https://github.com/tensorflow/models/tree/master/research/audioset/yamnet",
        training={"data": "AudioSet, sounds of 10 s from YouTube with labels of 521 classes",
                  "changes": "weights as in the TFLite file, 8 bits, and put into Earmark's model file; the Fourier "
                             "transform and the mel bands, which have 8 bits there, are exact here"},
        evaluation={"protocol": "AudioSet evaluation set, balanced, as published", "mean_average_precision": 0.306})
