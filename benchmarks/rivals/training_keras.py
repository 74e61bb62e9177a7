"""Training steps with Keras on TensorFlow: training_keras.py NETWORK FOLDER STEPS THREADS [WAY]

The losses of the first ten steps, without the mlp's penalty, are the check. WAY is a way that an earlier run found to
be the fastest; without it, a step compiled by tf.function and the same through XLA are tried. `train_on_batch` does the
same with more around it.
"""

import os
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import keras
import tensorflow as tf
from keras import layers
from keras_weights import set_weights
from measuring import report_training
from networks import (BATCH, CHECKED_STEPS, CLASSES, EPSILON, FILTERS, HIDDEN, L2, LEARNING_RATE, NORM_EPSILON,
                      NORM_MOMENTUM, input_shape, load)

network, folder, count, threads, *chosen = sys.argv[1:]
tf.config.threading.set_intra_op_parallelism_threads(int(threads))
tf.config.threading.set_inter_op_parallelism_threads(int(threads))
tensors = load(folder)
inputs, labels = tf.constant(tensors["inputs"]), tf.constant(tensors["labels"])


def model_of():
    if network == "mlp":
        stack = [layers.Flatten()]
        stack += [layers.Dense(width, "relu", kernel_regularizer=keras.regularizers.L2(L2), name=f"dense{number}")
                  for number, width in enumerate(HIDDEN, 1)]
    elif network == "cnn":
        stack = [
            layers.Reshape((*input_shape(network), 1)),
            layers.Conv2D(32, 3, activation="relu", name="convolution1"), layers.MaxPooling2D(3, 2, "same"),
            layers.BatchNormalization(momentum=NORM_MOMENTUM, epsilon=NORM_EPSILON, name="norm1"),
            layers.Conv2D(32, 3, activation="relu", name="convolution2"), layers.MaxPooling2D(3, 2, "same"),
            layers.Conv2D(32, 2, activation="relu", name="convolution3"), layers.MaxPooling2D(2, 2, "same"),
            layers.Flatten(), layers.Dense(64, "relu", name="dense1")]
    elif network == "lstm":
        stack = [layers.LSTM(64, return_sequences=True, name="lstm1"), layers.LSTM(64, name="lstm2"),
                 layers.Dense(64, "relu", name="dense1")]
    else:
        stack = [layers.Reshape((*input_shape(network), 1))]
        for number, filters in enumerate(FILTERS, 1):
            stack += [layers.Conv2D(filters, 3, padding="same", use_bias=False, name=f"convolution{number}"),
                      layers.BatchNormalization(momentum=NORM_MOMENTUM, epsilon=NORM_EPSILON, name=f"norm{number}"),
                      layers.ReLU(), layers.MaxPooling2D(2)]
        stack += [layers.GlobalAveragePooling2D()]
    model = keras.Sequential([keras.Input(input_shape(network), batch_size=BATCH), *stack,
                              layers.Dense(CLASSES, name="output")])
    set_weights(model, tensors)
    return model


class Training:
    def __init__(self, way):
        self.model = model_of()
        self.optimiser = keras.optimizers.Adam(LEARNING_RATE, epsilon=EPSILON)
        self.loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        self.optimiser.build(self.model.trainable_variables)
        function = tf.function(self.update, jit_compile=way == "XLA")
        self.step = lambda: float(function())

    def update(self):
        with tf.GradientTape() as tape:
            loss = self.loss(labels, self.model(inputs, training=True))
            penalised = tf.add_n([loss, *self.model.losses])
        gradients = tape.gradient(penalised, self.model.trainable_variables)
        self.optimiser.apply_gradients(zip(gradients, self.model.trainable_variables))
        return loss


ways = {way: Training(way).step for way in chosen or ("tf.function", "XLA")}
report_training(ways, CHECKED_STEPS, int(count), f"{keras.__version__} on TensorFlow {tf.__version__}")
