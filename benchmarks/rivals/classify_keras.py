"""The verdict on a file with librosa and Keras, as `earmark classify` finds it: classify_keras.py MODEL FILE

MODEL is a model file of Earmark's with a `cnn` in it, so features, cutting and weights are the same; the decoder is
libsndfile's, and the resampler librosa's default.
"""

import json
import os
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import keras
import librosa
import numpy as np
from keras import layers
from keras_weights import set_weights
from model_file import read_model


def network_of(options, shape, classes, tensors):
    stack = [layers.Reshape((*shape, 1))]
    for number, kernel in enumerate((3, 3, 2), 1):
        stack += [layers.Conv2D(options["filters"], kernel, activation="relu", name=f"convolution{number}"),
                  layers.MaxPooling2D(kernel, 2, "same")]
        if options["batch_norm"] == "all" or (options["batch_norm"] == "first" and number == 1):
            stack += [layers.BatchNormalization(name=f"norm{number}")]
    stack += [layers.Flatten(), layers.Dense(options["dense"], "relu", name="dense1"),
              layers.Dense(classes, "softmax", name="output")]
    model = keras.Sequential([keras.Input(shape), *stack])
    set_weights(model, tensors)
    return model


def segments_of(samples, features, cut):
    """The segments of a signal; include/earmark/segments.hpp describes the cutting."""
    rate = features["sample_rate"]
    length = round(cut["seconds"] * cut["segments_per_block"] * rate)
    segments = []
    for start in range(0, len(samples), length):
        frames = librosa.feature.mfcc(
            y=samples[start:start + length], sr=rate, n_mfcc=features["coefficients"], n_fft=features["fft_size"],
            hop_length=features["hop_length"], n_mels=features["mel_bands"]).T
        columns = np.arange(cut["segments_per_block"] * cut["frames"]).reshape(-1, cut["frames"])
        for indices in np.floor((columns + 0.5) * cut["frame_step"]).astype(int):
            if indices[-1] < len(frames):
                segments.append(frames[indices])
    return np.stack(segments)


model_path, audio_path = sys.argv[1:]
metadata, tensors = read_model(model_path)
features, cut, labels, options = (
    json.loads(metadata[key]) for key in ("features", "segments", "labels", "network_options"))
samples, _ = librosa.load(audio_path, sr=features["sample_rate"])
inputs = (segments_of(samples, features, cut) - tensors["input.mean"]) * tensors["input.scale"]
model = network_of(options, inputs.shape[1:], len(labels), tensors)
probabilities = model(inputs, training=False).numpy().mean(axis=0)
json.dump({"genre": labels[int(probabilities.argmax())], "probabilities": probabilities.tolist(),
           "version": f"librosa {librosa.__version__}, keras {keras.__version__}"}, sys.stdout)
print()
