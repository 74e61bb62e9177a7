"""The network of a model file on TensorFlow, compiled, or on TensorFlow Lite with XNNPACK:

    tags_tensorflow.py MODEL FEATURES SECONDS tensorflow|lite

FEATURES holds raw 32-bit floats, segment by segment. `musicnn` and `mobilenet` networks are known. Batch norm behind a
convolution is folded into it by both, as their users would have it: TensorFlow's compiler and the converter do that.
"""

import json
import os
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import numpy as np
import tensorflow as tf
from measuring import repeat, report
from model_file import read_model

model_path, features_path, seconds, runtime = sys.argv[1:]
THREADS = int(os.environ.get("OMP_NUM_THREADS", "1"))
tf.config.threading.set_intra_op_parallelism_threads(THREADS)
tf.config.threading.set_inter_op_parallelism_threads(1)
metadata, tensors = read_model(model_path)
shape = (json.loads(metadata["segments"])["frames"], len(tensors["input.mean"]))


def convolution(x, name, strides=1, padding="SAME"):
    return tf.nn.conv2d(x, tensors[f"{name}.weight"].transpose(2, 3, 1, 0), strides, padding)


def biased(x, name):
    return tf.nn.relu(tf.nn.bias_add(x, tensors[f"{name}.bias"]))


def norm(x, name, epsilon=1e-3):
    mean, variance, shift, scale = (tensors[f"{name}.{part}"] for part in ("mean", "variance", "shift", "scale"))
    return tf.nn.batch_normalization(x, mean, variance, shift, scale, epsilon)


def dense(x, name):
    return tf.nn.bias_add(x @ tensors[f"{name}.weight"].T, tensors[f"{name}.bias"])


def musicnn(x):
    padded = tf.pad(x, [[0, 0], [3, 3], [0, 0], [0, 0]])
    front = []
    for name, source, padding in (("timbral1", padded, "VALID"), ("timbral2", padded, "VALID"),
                                  *((f"temporal{number}", x, "SAME") for number in (1, 2, 3))):
        front.append(tf.reduce_max(norm(biased(convolution(source, name, 1, padding), name), f"{name}_norm"), 2))
    x = tf.concat(front, 2)
    parts = [x]
    for number in (1, 2, 3):
        name = f"middle{number}"
        kernel = tensors[f"{name}.weight"][..., 0].transpose(2, 1, 0)
        new = norm(biased(tf.nn.conv1d(x, kernel, 1, "SAME"), name), f"{name}_norm")
        x = new + x if number > 1 else new
        parts.append(x)
    x = tf.concat(parts, 2)
    x = norm(tf.concat([tf.reduce_max(x, 1), tf.reduce_mean(x, 1)], 1), "pool_norm")
    return tf.sigmoid(dense(norm(tf.nn.relu(dense(x, "dense1")), "dense1_norm"), "output"))


def mobilenet(x):
    options = json.loads(metadata["network_options"])
    strides = options.get("strides", [1, 2, 1, 2, 1, 2, 1, 1, 1, 1, 1, 2, 1])
    x = tf.nn.relu(norm(convolution(x, "stem", 2), "stem_norm", 1e-4))
    for number, stride in enumerate(strides, 1):
        name = f"block{number}.depthwise"
        kernel = tensors[f"{name}.weight"].transpose(2, 3, 0, 1)
        x = tf.nn.depthwise_conv2d(x, kernel, [1, stride, stride, 1], "SAME")
        x = tf.nn.relu(norm(x, f"{name}_norm", 1e-4))
        name = f"block{number}.pointwise"
        x = tf.nn.relu(norm(convolution(x, name), f"{name}_norm", 1e-4))
    return tf.sigmoid(dense(tf.reduce_mean(x, [1, 2]), "output"))


def network(x):
    x = (x - tensors["input.mean"]) * tensors["input.scale"]
    return {"musicnn": musicnn, "mobilenet": mobilenet}[metadata["network"]](x[..., tf.newaxis])


def compiled(inputs):
    function = tf.function(network, input_signature=[tf.TensorSpec(inputs.shape, tf.float32)])
    constant = tf.constant(inputs)
    return lambda: function(constant).numpy()


def lite(inputs):
    from ai_edge_litert.interpreter import Interpreter

    function = tf.function(network, input_signature=[tf.TensorSpec((1, *shape), tf.float32)])
    converter = tf.lite.TFLiteConverter.from_concrete_functions([function.get_concrete_function()])
    interpreter = Interpreter(model_content=converter.convert(), num_threads=THREADS)
    interpreter.allocate_tensors()
    (source,), (result,) = interpreter.get_input_details(), interpreter.get_output_details()

    def run():
        outputs = []
        for segment in inputs:
            interpreter.set_tensor(source["index"], segment[np.newaxis])
            interpreter.invoke()
            outputs.append(interpreter.get_tensor(result["index"])[0])
        return np.stack(outputs)

    return run


segments = np.fromfile(features_path, np.float32).reshape(-1, *shape)
work = {"tensorflow": compiled, "lite": lite}[runtime](segments)
probabilities = work().mean(axis=0)
report(repeat(work, float(seconds)), {"probabilities": probabilities.astype(float).tolist()},
       f"{'TensorFlow Lite' if runtime == 'lite' else 'TensorFlow'} {tf.__version__}")
