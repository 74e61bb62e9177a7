"""Trains the LSTM for one epoch on a feature store with Keras, as `earmark train` does: train_keras.py STORE"""

import csv
import json
import os
import sys
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import keras
import numpy as np
from keras import layers

store = Path(sys.argv[1])
inputs = np.load(store / "features.npy")
with open(store / "index.csv", newline="") as file:
    genres = [row["genre"] for row in csv.DictReader(file)]
names = sorted(set(genres))
labels = np.array([names.index(genre) for genre in genres])
inputs = (inputs - inputs.mean((0, 1))) / inputs.std((0, 1))

model = keras.Sequential([
    keras.Input(inputs.shape[1:]), layers.LSTM(64, return_sequences=True), layers.LSTM(64), layers.Dense(64, "relu"),
    layers.Dropout(0.3), layers.Dense(len(names))])
model.compile(keras.optimizers.Adam(1e-4), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
history = model.fit(inputs, labels, batch_size=32, epochs=1, verbose=0)
json.dump({"segments": len(inputs), "parameters": model.count_params(), "loss": history.history["loss"][0],
           "version": keras.__version__}, sys.stdout)
print()
