"""Reads Earmark's model files (docs/reference/model-file.md): their metadata, and their tensors as floats."""

import json
import struct

import numpy as np

TYPES = {"F32": "<f4", "F16": "<f2", "I8": "i1"}


def read_model(path):
    with open(path, "rb") as file:
        header = json.loads(file.read(*struct.unpack("<Q", file.read(8))))
        data = file.read()
    metadata = header.pop("__metadata__")
    stored = {name: np.frombuffer(data[slice(*entry["data_offsets"])], TYPES[entry["dtype"]]).reshape(entry["shape"])
              for name, entry in header.items()}
    tensors = {}
    for name, values in stored.items():
        if name.endswith(".scale8"):
            continue
        tensors[name] = values.astype(np.float32)
        if values.dtype == np.int8:
            scales = stored[f"{name}.scale8"]
            tensors[name] *= scales.reshape(-1, *[1] * (values.ndim - 1))
    return metadata, tensors
