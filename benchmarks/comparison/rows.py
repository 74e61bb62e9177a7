"""The table: which work is measured against what, the ratio to reach, and how the two results are compared."""

import json
import statistics
import struct
from dataclasses import dataclass, field
from pathlib import Path

from networks import CHECKED_STEPS

from comparison.sides import Side

STEPS = {  # to time in a second or so
    "mlp": 100, "cnn": 30, "lstm": 15, "vgg": 6}
TRAINING = {  # network: (work, at least so many times faster than PyTorch, than Keras)
    "lstm": ("training step, LSTM 2 × 64, 259 × 13, batch 32", 3.5, 3),
    "cnn": ("training step, the paper's CNN, batch 32", 2.5, 2),
    "mlp": ("training step, three-layer MLP, batch 32", 2, 2),
    "vgg": ("training step, four-block log-mel CNN, 77 × 128, batch 32", 3, 2),
}


NETWORKS = {  # model: (segments of 30 s, frames, coefficients, rival's name, its runtime, so many times faster)
    "msd-musicnn": (10, 187, 96, "TensorFlow", "tensorflow", 5),
    "yamnet": (61, 96, 64, "TensorFlow Lite", "lite", 1),
}


@dataclass
class Row:
    name: str
    work: str
    ours: str  # key of a side
    rival: str
    against: str
    threads: str
    faster: float = 0.0  # to reach: the rival's figure divided by ours, at least
    share: float = 0.0  # or: ours divided by the rival's, at most
    quantity: str = "seconds"  # or memory
    compare: object = None  # of two checks, returns what differs, or nothing


@dataclass
class Group:
    """Sides that run one after another, round by round, and the rows that come of them."""
    name: str
    sides: dict = field(default_factory=dict)
    rows: list = field(default_factory=list)


def groups_of(paths, inputs, seconds):
    return [
        mfcc_group(paths, inputs, seconds),
        classify_group(paths, inputs, seconds),
        cold_group(paths, inputs),
        folder_group(paths, inputs),
        *(network_group(paths, inputs, seconds, model) for model in NETWORKS),
        *(training_group(paths, inputs, seconds, network) for network in TRAINING),
        training_memory_group(paths, inputs),
    ]


def mfcc_group(paths, inputs, seconds):
    group = Group("mfcc")
    work = "MFCC of 30 s in memory"
    ours = inputs.folder / "ours.f32"
    group.sides["ours"] = Side(
        "MFCC", lambda: [paths.probe, "mfcc", inputs.sound(), "--output", ours, "--time", seconds], 1,
        needs=[paths.need_probe])
    for rival, setup, wanted, tolerance in (
            ("librosa", "tensorflow", 20, 0.01), ("torchaudio", "debian", 6, 0.01), ("essentia", "essentia", 5, 0.01)):
        theirs = inputs.folder / f"{rival}.f32"
        threads = [1] if rival == "torchaudio" else []
        group.sides[rival] = Side(
            rival, lambda rival=rival, setup=setup, theirs=theirs, threads=threads:
            [paths.python(setup), paths.rival(f"mfcc_{rival}.py"), inputs.sound(), seconds, theirs, *threads], 1,
            needs=[paths.need_rival(setup, rival)])
        group.rows.append(Row(
            f"mfcc-{rival}", work, "ours", rival, rival, "1", faster=wanted,
            compare=lambda check, other, theirs=theirs, tolerance=tolerance:
            features_differ(check, other, ours, theirs, tolerance)))
    group.sides["fft"] = Side("FFTW", lambda: [paths.probe, "fft", inputs.sound(), "--time", seconds], 1,
                              needs=[paths.need_probe])
    group.rows.append(Row("mfcc-fft", work, "ours", "fft", "its FFTs alone, FFTW", "1", share=2.0,
                          compare=spectra_differ))
    return group


def classify_group(paths, inputs, seconds):
    group = Group("classify")

    def durations_differ(check, other):
        return differs("seconds of audio", check["duration"], other["duration"], 0.001)

    # The share of the decoding that decoding and verdict together may take.
    for name, prefix, share in (("default", "", 2.0), ("mfcc-cnn", "mfcc-", 1.4)):
        work = f"30 s MP3 → verdict of `{name}`, warm process"
        for threads in (1, 2):
            group.sides[f"{name}-{threads}"] = Side(
                f"classify, {name}, {threads} threads",
                lambda name=name: [paths.probe, "classify", inputs.music(), "--model", paths.model(name), "--time",
                                   seconds],
                threads, needs=[paths.need_probe])
            group.rows.append(Row(f"{prefix}classify-decode-{threads}", work, f"{name}-{threads}", "decode",
                                  "decoding alone, same libraries", str(threads), share=share,
                                  compare=durations_differ))
        group.rows.append(Row(f"{prefix}classify-threads", work, f"{name}-2", f"{name}-1", "itself on one thread", "2",
                              faster=1, compare=verdicts_differ))
    group.sides["decode"] = Side("decoding", lambda: [paths.probe, "decode", inputs.music(), "--time", seconds], 1,
                                 needs=[paths.need_probe])
    return group


def cold_group(paths, inputs):
    group = Group("cold")
    work = "`earmark classify` of one 30 s MP3 by `mfcc-cnn`, cold process"
    group.sides["ours"] = Side(
        "earmark classify",
        lambda: [paths.earmark, "classify", "--model", paths.model("mfcc-cnn"), "--format", "json", inputs.music()],
        whole=True, read=read_verdict, needs=[paths.need_earmark])
    group.sides["ffmpeg"] = Side(
        "ffmpeg", lambda: ["ffmpeg", "-v", "error", "-i", inputs.music(), "-f", "null", "-"], whole=True)
    group.sides["keras"] = Side(
        "librosa + Keras",
        lambda: [paths.python("tensorflow"), paths.rival("classify_keras.py"), paths.model("mfcc-cnn"), inputs.music()],
        whole=True, read=read_verdict, needs=[paths.need_rival("tensorflow", "librosa + Keras")])
    script = "librosa + Keras script"
    group.rows += [
        Row("cold-ffmpeg", work, "ours", "ffmpeg", "`ffmpeg -i FILE -f null -`", "all", share=2.5),
        Row("cold-keras", work, "ours", "keras", script, "all", share=1 / 30, compare=verdicts_differ),
        Row("memory-classify", "peak memory of `earmark classify`", "ours", "keras", script, "all", share=1 / 8,
            quantity="memory", compare=verdicts_differ),
    ]
    return group


def folder_group(paths, inputs):
    group = Group("folder")
    for name, jobs in (("ours", 2), ("one", 1)):
        group.sides[name] = Side(
            f"{jobs} jobs",
            lambda jobs=jobs: [paths.earmark, "classify", "--format", "json", "--jobs", jobs, inputs.music_folder()],
            jobs, whole=True, read=lambda output: sorted(output.splitlines()), needs=[paths.need_earmark])
    group.rows.append(Row(
        "folder", "500 mixed files", "ours", "one", "the same on one core", "2", faster=1.85,
        compare=lambda check, other: "" if check == other else "the verdicts are not the same"))
    return group


def network_group(paths, inputs, seconds, model):
    segments, frames, coefficients, rival, runtime, wanted = NETWORKS[model]
    group = Group(f"network-{model}")
    features = lambda: inputs.features(model, segments * frames, coefficients)
    group.sides["ours"] = Side(
        model, lambda: [paths.network, paths.model(model), features(), seconds], 1, needs=[paths.need_network])
    group.sides["rival"] = Side(
        rival, lambda: [paths.python("tensorflow"), paths.rival("tags_tensorflow.py"), paths.model(model), features(),
                        seconds, runtime], 1, needs=[paths.need_rival("tensorflow", rival)])
    group.rows.append(Row(
        f"network-{model}", f"the network of `{model}` alone, 30 s", "ours", "rival", rival, "1", faster=wanted,
        compare=tags_differ))
    return group


def training_group(paths, inputs, seconds, network):
    group = Group(f"train-{network}")
    work, faster_than_torch, faster_than_keras = TRAINING[network]
    steps = max(5, round(STEPS[network] * seconds))
    rivals = {"torch": ("PyTorch", "debian", faster_than_torch), "keras": ("Keras", "tensorflow", faster_than_keras)}
    for threads in (1, 2):
        group.sides[f"ours-{threads}"] = Side(
            f"{network}, {threads} threads", lambda threads=threads:
            [paths.training_step, "--network", network, "--backend", "onednn", "--threads", threads, "--steps",
             CHECKED_STEPS + steps,
             "--data", inputs.network(network)], threads, needs=[paths.need_training_step])
        for key, (rival, setup, wanted) in rivals.items():
            group.sides[f"{key}-{threads}"] = Side(
                f"{rival}, {network}, {threads} threads", lambda key=key, setup=setup, threads=threads:
                [paths.python(setup), paths.rival(f"training_{key}.py"), network, inputs.network(network), steps,
                 threads], threads, ways=True, needs=[paths.need_rival(setup, rival)])
            group.rows.append(Row(
                f"train-{network}-{key}-{threads}", work, f"ours-{threads}", f"{key}-{threads}", rival, str(threads),
                faster=wanted, compare=losses_differ))
    group.rows.append(Row(f"train-{network}-threads", work, "ours-2", "ours-1", "itself on one thread", "2", faster=1,
                          compare=losses_differ))
    return group


def training_memory_group(paths, inputs):
    group = Group("memory-train")
    model = inputs.folder / "memory.safetensors"
    group.sides["ours"] = Side(
        "earmark train", lambda:
        [paths.earmark, "train", inputs.store(), "--network", "lstm", "--epochs", 1, "--valid-fraction", 0,
         "--test-fraction", 0, "--quiet", "--output", model], whole=True,
        read=lambda _: {"parameters": parameters_of(model)}, needs=[paths.need_earmark_train])
    group.sides["keras"] = Side(
        "Keras, training", lambda: [paths.python("tensorflow"), paths.rival("train_keras.py"), inputs.store()],
        whole=True, read=json.loads, needs=[paths.need_rival("tensorflow", "Keras")])
    group.rows.append(Row(
        "memory-train", "peak memory of training the LSTM", "ours", "keras", "Keras script", "all", share=1 / 3,
        quantity="memory", compare=lambda check, other:
        differs("trainable parameters", check["parameters"], other["parameters"], 0)))
    return group


def read_verdict(output):
    verdict = json.loads(output)
    probabilities = verdict["probabilities"]
    values = list(probabilities.values()) if isinstance(probabilities, dict) else probabilities
    return {"genre": verdict["genre"], "probabilities": values}


def parameters_of(model):
    """Trainable values in a model file."""
    with open(model, "rb") as file:
        header = json.loads(file.read(*struct.unpack("<Q", file.read(8))))
    fixed = ("__metadata__", "input.mean", "input.scale")
    shapes = [entry["shape"] for name, entry in header.items() if name not in fixed]
    return sum(shape[0] * (shape[1] if len(shape) > 1 else 1) for shape in shapes)


def differs(what, ours, theirs, tolerance):
    return "" if abs(ours - theirs) <= tolerance else f"{what}: {ours} against {theirs}"


def features_differ(check, other, ours, theirs, tolerance):
    """Frames that both have, in decibels; one more or less at the end is let pass."""
    import numpy as np

    if check["coefficients"] != other["coefficients"] or abs(check["frames"] - other["frames"]) > 1:
        return f"shapes: {check} against {other}"
    count = min(check["frames"], other["frames"]) * check["coefficients"]
    arrays = [np.fromfile(path, np.float32)[:count] for path in (ours, theirs)]
    return differs("largest MFCC difference in dB", float(np.abs(arrays[0] - arrays[1]).max()), 0.0, tolerance)


def spectra_differ(check, other):
    return (differs("frames", check["frames"], other["frames"], 0)
            or differs("relative difference of the spectra", other["relative_difference"], 0.0, 1e-5))


def tags_differ(check, other):
    largest = max(abs(a - b) for a, b in zip(check["probabilities"], other["probabilities"], strict=True))
    return differs("largest difference of probabilities", largest, 0.0, 1e-3)


def verdicts_differ(check, other):
    if check["genre"] != other["genre"]:
        return f"genres: {check['genre']} against {other['genre']}"
    largest = max(abs(a - b) for a, b in zip(check["probabilities"], other["probabilities"], strict=True))
    return differs("largest difference of probabilities", largest, 0.0, 1e-3)


def losses_differ(check, other):
    if len(check) < CHECKED_STEPS or len(other) < CHECKED_STEPS:
        return f"losses: {len(check)} and {len(other)} of {CHECKED_STEPS}"
    largest = max(abs(a - b) / abs(b) for a, b in zip(check, other, strict=True))
    return differs("largest relative difference of ten losses", largest, 0.0, 1e-3)


@dataclass
class Outcome:
    """A row as measured: medians over the rounds, and the ratio of each round."""
    row: Row
    ours: list = field(default_factory=list)
    rival: list = field(default_factory=list)
    difference: str = ""
    missing: str = ""

    def ratios(self):
        pairs = zip(self.ours, self.rival, strict=True)
        return [(rival / ours) if self.row.faster else (ours / rival) for ours, rival in pairs]

    def met(self):
        ratio = statistics.median(self.ratios())
        return ratio >= self.row.faster if self.row.faster else ratio <= self.row.share


class Paths:
    """Where the programs of both sides lie."""

    def __init__(self, root, build, rivals):
        self.root, self.build, self.rivals = root, build, rivals
        programs = build / "bin"
        self.earmark = programs / "earmark"
        self.probe = programs / "benchmark-probe"
        self.network = programs / "benchmark-network"
        self.training_step = programs / "benchmark-training-step"
        self.need_earmark = self.need(self.earmark)
        self.need_earmark_train = self.need(programs / "earmark-train")
        self.need_probe = self.need(self.probe)
        self.need_network = self.need(self.network)
        self.need_training_step = self.need(self.training_step)

    def model(self, name):
        return self.root / "models" / f"{name}.safetensors"

    @staticmethod
    def need(program):
        return program, f"{program.name} is not built"

    def need_rival(self, setup, rival):
        return self.python(setup), f"{rival} is not set up (scripts/bench --setup)"

    def python(self, setup):
        return self.rivals / setup / "bin" / "python"

    def rival(self, name):
        return Path(self.root) / "benchmarks" / "rivals" / name
