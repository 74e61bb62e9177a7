#!/usr/bin/env python3
"""Makes the reference values of the imported taggers with their authors' own programs.

    python3 tests/reference/make_taggers.py [WEIGHTS]

writes tests/reference/taggers/*.npy: features and probabilities of a synthetic signal, which
tests/classify/imported_models_test.cpp makes again sample by sample, and of vibe-ace.flac. WEIGHTS is the folder that
scripts/import-models takes (../shared/weights); TensorFlow is installed under build/ as there.

- musicnn: the package's own extractor, on TensorFlow 2 by its old interface. Its float16 is made float32, as it
  overflows in loud music, and frames are padded by reflection, which was librosa's default when it was published.
- YAMNet: the graph of the TFLite file. Its 8-bit weights become the floats that they stand for, so that sums are those
  of the authors' Keras program rather than of 8-bit arithmetic, and the 8-bit tables of the Fourier transform and of the
  mel bands become exact ones (tf.signal.linear_to_mel_weight_matrix).
- Choi's: layers of Keras by the authors' source, with the weights of the HDF5 files; features as in their
  audio_processor.py, by librosa, brought to the mean and deviation that the networks were trained with
  (scripts/importing/choi_import.py says more).

vibe-ace.flac is 0:10 to 0:14 of "Vibe Ace" by Kevin MacLeod (CC BY 3.0, https://freemusicarchive.org), 16 kHz, mono.
"""

import functools
import math
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parents[1] / "scripts" / "importing")]
sys.dont_write_bytecode = True
import environment

environment.enter()
sys.path.insert(0, str(environment.musicnn_package()))

import choi_import
import flatbuffers
import h5py
import librosa
import numpy as np
import soundfile
import tensorflow as tf
import tf_keras
from ai_edge_litert.interpreter import Interpreter
from tensorflow.lite.python import schema_py_generated as schema

OUTPUT = HERE / "taggers"
CLIP = OUTPUT / "vibe-ace.flac"


def melody(count, rate):
    """Notes that die away over a little noise, 16 bits."""
    samples, state = np.zeros(count, np.int16), 1
    for n in range(count):
        state = (state * 1664525 + 1013904223) % 2**32
        t = n / rate
        step = math.floor(2.0 * t)
        f = 110.0 * 2.0 ** ((step * 7 % 24) / 12.0)
        decay = math.exp(-3.0 * (2.0 * t - step))
        value = (0.4 * decay * math.sin(2.0 * math.pi * f * t) + 0.15 * math.sin(2.0 * math.pi * 3.01 * f * t)
                 + 0.03 * ((state >> 16) - 32768) / 32768.0)
        samples[n] = math.floor(value * 32767.0 + 0.5)
    return samples


def save(name, values, step=1):
    values = np.ascontiguousarray(np.asarray(values)[::step], np.float32)
    assert np.isfinite(values).all(), name
    np.save(OUTPUT / f"{name}.npy", values)


class SinglePrecision:
    """NumPy, without half precision."""
    float16 = np.float32

    def __getattr__(self, name):
        return getattr(np, name)


def make_musicnn(wav, signal):
    from musicnn import extractor
    extractor.np = SinglePrecision()
    original = librosa.feature.melspectrogram
    librosa.feature.melspectrogram = functools.partial(original, pad_mode="reflect")
    for name, model in (("msd-musicnn", "MSD_musicnn"), ("mtt-musicnn", "MTT_musicnn")):
        probabilities, _ = extractor.extractor(str(wav), model=model, extract_features=False)
        save(f"{name}_{signal}_probabilities", probabilities)
    batch, _ = extractor.batch_data(str(wav), 187, 187)
    save(f"msd-musicnn_{signal}_features", batch[0], 8)
    librosa.feature.melspectrogram = original


def float_graph(path):
    """The TFLite file with floats in place of 8-bit values."""
    model = schema.ModelT.InitFromObj(schema.Model.GetRootAsModel(bytearray(path.read_bytes()), 0))
    graph = model.subgraphs[0]
    angles = 2.0 * np.pi * np.outer(np.arange(257), np.arange(512)) / 512
    mel = tf.signal.linear_to_mel_weight_matrix(64, 257, 16000, 125.0, 7500.0).numpy().T
    kinds = {code: kind for kind, code in vars(schema.BuiltinOperator).items() if isinstance(code, int)}
    codes = [max(code.builtinCode, code.deprecatedBuiltinCode) for code in model.operatorCodes]
    products = [op.inputs[1] for op in graph.operators if kinds[codes[op.opcodeIndex]] == "FULLY_CONNECTED"]
    exact = dict(zip(products, (np.cos(angles), np.sin(angles), mel), strict=False))
    for index, tensor in enumerate(graph.tensors):
        if tensor.type != schema.TensorType.INT8:
            continue
        values = np.asarray(model.buffers[tensor.buffer].data, np.uint8).view(np.int8).reshape(tensor.shape)
        scales = np.asarray(tensor.quantization.scale, np.float32)
        values = values * (scales[0] if len(scales) == 1 else scales.reshape(-1, *[1] * (values.ndim - 1)))
        values = exact.get(index, values)
        model.buffers[tensor.buffer].data = np.frombuffer(np.ascontiguousarray(values, np.float32).tobytes(), np.uint8)
        tensor.type, tensor.quantization = schema.TensorType.FLOAT32, None
    same = {op.outputs[0]: op.inputs[0] for op in graph.operators if kinds[codes[op.opcodeIndex]] == "DEQUANTIZE"}
    graph.operators = [op for op in graph.operators if op.outputs[0] not in same]
    for op in graph.operators:
        op.inputs = [same.get(index, index) for index in op.inputs]
    builder = flatbuffers.Builder(1 << 20)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def make_yamnet(path, samples, signal):
    interpreter = Interpreter(model_content=float_graph(path))
    interpreter.allocate_tensors()
    scores, features = (entry["index"] for entry in interpreter.get_output_details())
    probabilities, first = [], None
    for start in range(0, len(samples) - 15600 + 1, 48 * 160):
        interpreter.set_tensor(0, samples[None, start:start + 15600])
        interpreter.invoke()
        probabilities.append(interpreter.get_tensor(scores)[0].copy())
        first = interpreter.get_tensor(features).copy() if first is None else first
    save(f"yamnet_{signal}_probabilities", probabilities)
    save(f"yamnet_{signal}_features", first, 8)


def choi_network(path):
    """After music_tagger_cnn.py and music_tagger_crnn.py."""
    layers = tf_keras.layers
    with h5py.File(path) as file:
        groups = {name: [file[name][key][()] for key in sorted(file[name])] for name in file}
    recurrent = "gru1" in groups
    pools = [(2, 2), (3, 3), (4, 4), (4, 4)] if recurrent else [(2, 4), (2, 4), (2, 4), (3, 5), (4, 4)]
    weights = {}

    def norm(name, axis):
        beta, gamma, mean, deviation = groups[name]
        weights[name] = [gamma, beta, mean, deviation ** 2]
        # Keras kept the root of the variance and its epsilon, 1e-6.
        return layers.BatchNormalization(axis=axis, epsilon=0.0, name=name)

    image = layers.Input((96, 1366, 1))
    x = layers.ZeroPadding2D((0, 37))(image) if recurrent else image
    x = norm("bn_0_freq", 2)(x)
    for number, pool in enumerate(pools, 1):
        kernel, bias = groups[f"conv{number}"]
        weights[f"conv{number}"] = [kernel.transpose(2, 3, 1, 0), bias]
        x = layers.Conv2D(len(bias), 3, padding="same", name=f"conv{number}")(x)
        x = layers.ELU()(norm(f"bn{number}", 3)(x))
        x = layers.MaxPooling2D(pool)(x)
    if recurrent:
        x = layers.Reshape((15, 128))(layers.Permute((2, 1, 3))(x))
        for name in ("gru1", "gru2"):
            # U_h, U_r, U_z, W_h, W_r, W_z, b_h, b_r, b_z; Keras has update, reset, candidate.
            parts = groups[name]
            weights[name] = [np.concatenate([parts[i] for i in order], axis=-1)
                             for order in ((5, 4, 3), (2, 1, 0), (8, 7, 6))]
            x = layers.GRU(32, return_sequences=name == "gru1", recurrent_activation="hard_sigmoid",
                           reset_after=False, name=name)(x)
    else:
        x = layers.Flatten()(x)
    weights["output"] = groups["output"]
    network = tf_keras.Model(image, layers.Dense(50, activation="sigmoid", name="output")(x))
    for name, values in weights.items():
        network.get_layer(name).set_weights(values)
    return network


def make_choi(folder, samples, signal):
    mel = librosa.feature.melspectrogram(y=samples, sr=12000, hop_length=256, n_fft=512, n_mels=96, pad_mode="reflect")
    decibels = librosa.power_to_db(mel ** 2, ref=1.0)
    save(f"choi-cnn_{signal}_features", decibels.T, 64)
    for name in ("cnn", "crnn"):
        network = choi_network(folder / f"music_tagger_{name}_weights_tensorflow.h5")
        inputs = tf.constant((decibels[None, :, :, None] - choi_import.MEAN) / choi_import.DEVIATION, tf.float32)
        save(f"choi-{name}_{signal}_probabilities", network(inputs, training=False).numpy())


def main():
    weights = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE.parents[2] / "shared" / "weights"
    OUTPUT.mkdir(exist_ok=True)
    clip, _ = soundfile.read(CLIP, dtype="float32")
    signals = {"melody": melody(64000, 16000).astype(np.float32) / 32768.0, "vibe-ace": clip}
    for signal, samples in signals.items():
        make_yamnet(weights / "yamnet" / "yamnet.tflite", samples, signal)
    make_choi(weights / "choi", melody(349440, 12000).astype(np.float32) / 32768.0, "melody")
    # Last, as the package makes TensorFlow work by its old interface.
    for signal, samples in signals.items():
        wav = environment.WHEELS / f"{signal}.wav"
        soundfile.write(wav, samples, 16000, subtype="PCM_16")
        make_musicnn(wav, signal)


main()
