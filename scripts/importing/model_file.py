"""Writes model files: docs/reference/model-file.md."""

import json
import struct
from pathlib import Path

import numpy

HERE = Path(__file__).resolve().parent
TYPES = {"float32": "F32", "float16": "F16", "int8": "I8"}


def read_thresholds(model):
    """label: (threshold, precise threshold or None, how), as scripts/fit-thresholds wrote them; {} if it has not."""
    import csv
    path = HERE / "thresholds" / f"{model}.csv"
    if not path.exists():
        return {}
    with open(path, encoding="utf-8", newline="") as file:
        return {row["label"]: (float(row["threshold"]),
                               float(row["precise_threshold"]) if row["precise_threshold"] else None, row["how"])
                for row in csv.DictReader(file)}


def read_music_rule(model):
    """By what the model tells music from what is none, as benchmarks/music_check/fit_rule.py wrote it; None if it does not."""
    path = HERE / "music_rules" / f"{model}.json"
    return path.read_text(encoding="utf-8") if path.exists() else None


def details_of(labels, thresholds):
    details = []
    for label, group in labels:
        entry = {"group": group}
        if label in thresholds:
            entry["threshold"] = thresholds[label][0]
            if thresholds[label][1] is not None:
                entry["precise_threshold"] = thresholds[label][1]
        details.append(entry)
    return details


def licence(name):
    return (HERE / "licences" / f"{name}.txt").read_text(encoding="utf-8")


def write(folder, name, *, network, options, features, segments, labels, tensors, licence_id, licence_text, authors,
          source, training, evaluation):
    """Writes FOLDER/NAME.safetensors, whole or not at all. Tensors: F32, F16, or I8 with scales (see quantised)."""
    thresholds = read_thresholds(name)
    training = training | {"source": source}
    if thresholds:
        how = sorted({entry[2] for entry in thresholds.values()})
        training["thresholds"] = {each: [label for label, entry in thresholds.items() if entry[2] == each]
                                  for each in how}
    metadata = {
        "earmark_format": "1", "earmark_version": "import-models", "name": name, "licence": licence_id,
        "licence_text": licence_text, "authors": authors, "network": network, "network_options": json.dumps(options),
        "features": json.dumps(features), "segments": json.dumps(segments), "activation": "sigmoid",
        "labels": json.dumps([label for label, _ in labels], ensure_ascii=False),
        "label_details": json.dumps(details_of(labels, thresholds)),
        "provenance": json.dumps({"training": training, "evaluation": evaluation}, ensure_ascii=False)}
    if rule := read_music_rule(name):
        metadata["music_rule"] = json.dumps(json.loads(rule), ensure_ascii=False)
    header, data = {"__metadata__": metadata}, []
    offset = 0
    for key, array in sorted(tensors.items()):
        array = numpy.ascontiguousarray(array)
        assert array.dtype.name in TYPES and numpy.isfinite(array).all(), key
        header[key] = {"dtype": TYPES[array.dtype.name], "shape": list(array.shape),
                       "data_offsets": [offset, offset + array.nbytes]}
        data.append(array.tobytes())
        offset += array.nbytes
    text = json.dumps(header, ensure_ascii=False).encode()
    text += b" " * (-len(text) % 8)
    path = Path(folder) / f"{name}.safetensors"
    partial = path.with_suffix(".partial")
    partial.write_bytes(struct.pack("<Q", len(text)) + text + b"".join(data))
    partial.replace(path)
    print(f"{path}: {path.stat().st_size / 1e6:.2f} MB, {len(tensors)} tensors")


def quantised(name, values, scales):
    """Two tensors: 8-bit values, and a scale for each index of their first axis."""
    scales = numpy.broadcast_to(numpy.asarray(scales, "<f4"), values.shape[:1])
    return {name: values.astype("i1", casting="no"), f"{name}.scale8": numpy.ascontiguousarray(scales)}


def read(path):
    """(metadata, {name: float32 array}) of a model file, with 8-bit values scaled."""
    raw = Path(path).read_bytes()
    size = struct.unpack_from("<Q", raw)[0]
    header = json.loads(raw[8:8 + size])
    kinds = {"F32": "<f4", "F16": "<f2", "I8": "i1"}
    tensors = {}
    for name, entry in header.items():
        if name != "__metadata__":
            begin, end = (8 + size + offset for offset in entry["data_offsets"])
            tensors[name] = numpy.frombuffer(raw[begin:end], kinds[entry["dtype"]]).reshape(entry["shape"])
    for name in [name for name in tensors if f"{name}.scale8" in tensors]:
        scales = tensors.pop(f"{name}.scale8").reshape(-1, *[1] * (tensors[name].ndim - 1))
        tensors[name] = tensors[name].astype("f4") * scales
    return header["__metadata__"], {name: array.astype("f4") for name, array in tensors.items()}
