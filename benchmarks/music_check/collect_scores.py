#!/usr/bin/env python3
"""Collects what YAMNet hears in sounds that are known to be music or not.

    collect_scores.py YAMNET.tflite SCORES.npz KIND:FILE-OR-FOLDER...

A file's source (a voice, an artist, a kind of noise; what a split keeps together) is its name up to the last "-", after its
folder's. `list:FILE` names a list of lines KIND<tab>SOURCE<tab>PATH instead. The file written has `kinds`, `sources`, `paths`,
`rows` (how many patches of 0.96 s each has that are not silent) and `scores` (those of all patches, one after the other).
Needs numpy, ai-edge-litert and ffmpeg.
"""

import pathlib
import subprocess
import sys

import numpy as np
from ai_edge_litert.interpreter import Interpreter

PATCH, HOP = 15600, 15360


def samples(path):
    out = subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-i", path, "-map", "0:a:0", "-ac", "1", "-ar", "16000",
                          "-f", "f32le", "-"], capture_output=True, check=True).stdout
    return np.frombuffer(out, np.float32)


def main():
    interpreter = Interpreter(sys.argv[1], num_threads=1)
    interpreter.allocate_tensors()
    inputs, outputs = interpreter.get_input_details()[0]["index"], interpreter.get_output_details()[0]["index"]
    files = []
    for argument in sys.argv[3:]:
        kind, _, name = argument.partition(":")
        if kind == "list":
            files += [tuple(line.rstrip("\n").split("\t")) for line in open(name)]
            continue
        path = pathlib.Path(name)
        for file in sorted(path.rglob("*.*")) if path.is_dir() else [path]:
            files.append((kind, f"{file.parent.name}/{file.stem.rpartition('-')[0] or file.stem}", str(file)))
    kinds, sources, paths, counts, scores = [], [], [], [], []
    for kind, source, path in files:
        try:
            sound = samples(path)
        except subprocess.CalledProcessError:
            print("cannot read", path)
            continue
        if len(sound) < 400:
            continue
        if len(sound) < PATCH:
            sound = np.resize(sound, PATCH)
        rows = []
        for at in range(0, len(sound) - PATCH + 1, HOP):
            patch = sound[at:at + PATCH]
            if np.abs(patch).max() < 2.0 ** -15:
                continue
            interpreter.set_tensor(inputs, patch.reshape(interpreter.get_input_details()[0]["shape"]))
            interpreter.invoke()
            rows.append(interpreter.get_tensor(outputs)[0].copy())
        if not rows:
            continue
        kinds.append(kind)
        sources.append(source)
        paths.append(path)
        counts.append(len(rows))
        scores += rows
    np.savez_compressed(sys.argv[2], kinds=kinds, sources=sources, paths=paths, rows=counts,
                        scores=np.array(scores, np.float16))
    print(len(paths), "files")


main()
