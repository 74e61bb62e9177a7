#!/usr/bin/env python3
"""Records what a program computes, so that a later program can be compared with it.

    python3 tests/reference/make_unchanged.py EARMARK [NAME...]

EARMARK is the program whose values count.
The script writes tests/reference/unchanged/NAME.json for each NAME of RECORDS, or for all.
tests/interop/unchanged_test.py compares other programs with these files.
Record again only when a change of values is wanted, and say so in the changelog.
"""

import base64
import csv
import hashlib
import json
import os
import platform
import re
import shutil
import signal
import sqlite3
import struct
import subprocess
import sys
import tempfile
import tomllib
import zlib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
RECORDED = Path(__file__).resolve().parent / "unchanged"

# Words that may change between programs: as recorded, then as a later program may have them.
# The recorded files keep the first word.
# A word that is not here must stay as it is.
NAMES = {
    # fields of `scan --format json` and `list --format json`
    "heard": ("heard", "analyzed"),
    "gone": ("gone", "missing"),
    "failed_before": ("failed_before", "failed_earlier"),
    # tables and columns of the index
    "verdicts": ("verdicts", "predictions"),
    # fields of `model --format json`
    "named_share": ("named_share", "coverage"),
    "named_accuracy": ("named_accuracy", "selective_accuracy"),
    # states in `experiment run --dry-run`
    "waiting": ("waiting", "pending"),
}
# columns of results.csv
for _level in ("valid_segment", "valid_track", "test_segment", "test_track"):
    NAMES[f"{_level}_named_share"] = (f"{_level}_named_share", f"{_level}_coverage")
    NAMES[f"{_level}_named_accuracy"] = (f"{_level}_named_accuracy", f"{_level}_selective_accuracy")

# Fields of records and columns of tables that say when or where, not what.
VOLATILE = {"index", "seconds", "files_per_second", "begun"}

SCANNED = ["synthetic-blues.mp3", "synthetic-jazz.flac", "synthetic-metal.ogg", "synthetic-pop.m4a"]
REMOVED = "synthetic-hiphop.mp3"  # scanned, then removed from the library
BROKEN = "broken.mp3"
PLACE = "@FOLDER@"  # stands for the folder of the recorded library in its messages
BROKEN_BYTES = b"This file holds no audio.\n" * 40
FEATURE_CLIPS = ["synthetic-jazz.flac", "synthetic-pop.m4a"]
MODELS = ["default", "mfcc-mlp", "mfcc-cnn", "mfcc-lstm"]
FIRST_TIME = 1_600_000_000_123_456_789  # of modification, in nanoseconds

FEATURE_CASES = {
    "waveform": ["--kind", "waveform"],
    "waveform at 16 kHz": ["--kind", "waveform", "--sample-rate", "16000"],
    "spectrogram": ["--kind", "spectrogram"],
    "spectrogram of 1024": ["--kind", "spectrogram", "--fft-size", "1024", "--hop-length", "256"],
    "mel": ["--kind", "mel"],
    "mel of 40 bands": ["--kind", "mel", "--mel-bands", "40", "--minimum-frequency", "50",
                        "--maximum-frequency", "8000"],
    "logmel": ["--kind", "logmel"],
    "logmel, reflected": ["--kind", "logmel", "--padding", "reflect", "--mel-bands", "64"],
    "logmel without a floor": ["--kind", "logmel", "--top-db", "none"],
    "mfcc": ["--kind", "mfcc"],
    "mfcc of 20": ["--kind", "mfcc", "--coefficients", "20", "--sample-rate", "44100",
                   "--fft-size", "4096", "--hop-length", "1000", "--top-db", "60"],
}
FEATURE_VALUES = 24  # kept of each case, evenly spread

EXPERIMENT = """title = "Small"
about = "Two runs of a small network."
seeds = [7]

[[data]]
name = "made"
store = "made.store"

[[protocol]]
name = "tracks"
title = "Random tracks"
leaks = "Nothing is known to leak."
options = { split = "random-tracks", valid-fraction = 0.25, test-fraction = 0.25 }

[[protocol]]
name = "folds"
title = "Four folds"
leaks = "Nothing is known to leak."
options = { split = "k-fold" }
train = { patience = 5 }
folds = 4

[[grid]]
name = "mlp"
title = "MLP"
family = "MLP"
data = "made"
protocols = ["tracks"]
options = { network = "mlp", hidden = [4], epochs = [1, 2] }

[[grid]]
name = "varied"
title = "All that a network learns by"
family = "CNN"
data = "made"
protocols = ["folds"]
[grid.options]
network = "cnn"
network-options = { filters = 8, batch_norm = "all" }
learning-rate = [1e-3, 5e-4]
colour = 0.5
dynamics = 0.5
overlay = 0.25
equalise = 3
mask-bands = 4
crop-frames = 3
no-standardise = true
keep = "last"
schedule = "cosine"
warm-up = 1
average = 0.99

[[grid]]
name = "again"
base = "varied"
title = "The same, taught"
options = { mixup = 0.2 }

[[grid]]
name = "both"
title = "An ensemble"
family = "Ensemble"
command = "combine"
networks = ["varied", "again"]
protocols = ["folds"]
"""


# ------------------------------------------------------------------------------- the machine

def machine():
    """What the last bits of computed values depend on: the system's libraries and the processor."""
    system = platform.freedesktop_os_release()
    found = {"system": f"{system.get('ID')} {system.get('VERSION_ID')}",
             "architecture": platform.machine(), "processor": "", "instruction_set": []}
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return found
    fields = dict(re.findall(r"^(.+?)[ \t]*: (.*)$", text.partition("\n\n")[0], re.MULTILINE))
    found["processor"] = " ".join(fields.get(name, "?") for name in
                                  ("vendor_id", "cpu family", "model"))
    flags = (fields.get("flags") or fields.get("Features") or "").split()
    vectors = re.compile(r"sse|ssse|avx|fma|f16c|amx|asimd|sve|bf16")
    found["instruction_set"] = sorted(flag for flag in flags if vectors.search(flag))
    return found


# ------------------------------------------------------------------------------- the program

class Program:
    def __init__(self, path):
        self.path = Path(path).resolve()

    @property
    def trains(self):
        return self.path.with_name("earmark-train").exists()

    def environment(self, folder):
        kept = {name: value for name, value in os.environ.items()
                if not name.startswith(("EARMARK", "XDG_"))}
        return {**kept, "EARMARK_SETTINGS": "/dev/null", "HOME": str(folder), "NO_COLOR": "1",
                "TZ": "UTC"}

    def __call__(self, *words, folder, status=(0,)):
        """What the program says on standard output, when run in a folder."""
        words = [str(word) for word in words]
        done = subprocess.run([self.path, *words], cwd=folder, env=self.environment(folder),
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        if done.returncode not in status:
            raise AssertionError(f"earmark {' '.join(words)}: status {done.returncode}: "
                                 f"{done.stderr}{done.stdout}")
        return done.stdout

    def records(self, *words, folder, status=(0,)):
        """The objects that it writes, one a line, with the names that were recorded."""
        return [recorded_names(json.loads(line))
                for line in self(*words, folder=folder, status=status).splitlines()]


def recorded_name(name):
    return next((old for old, names in NAMES.items() if name in names), name)


def recorded_names(value):
    if isinstance(value, list):
        return [recorded_names(each) for each in value]
    if isinstance(value, dict):
        return {recorded_name(name): recorded_names(each) for name, each in value.items()
                if name not in VOLATILE}
    return value


def clip(name):
    """One of the synthetic clips."""
    for folder in ("tests/clips", "samples"):
        if (ROOT / folder / name).exists():
            return ROOT / folder / name
    raise FileNotFoundError(f"{name}: is in none of tests/clips and samples")


def sha256(content):
    return hashlib.sha256(content).hexdigest()


def put_clips(folder, names):
    """Copies clips into a folder, with known times of modification."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, name in enumerate(names):
        shutil.copyfile(clip(name), folder / name)
        os.utime(folder / name, ns=(FIRST_TIME + number, FIRST_TIME + number))


# ---------------------------------------------------------------- features and predictions

def measure_features(program, folder):
    found = {}
    for name in FEATURE_CLIPS:
        for case, options in FEATURE_CASES.items():
            program("features", clip(name), "--output", "features.npy", "--quiet", *options,
                    folder=folder)
            content = (folder / "features.npy").read_bytes()
            start = 10 + struct.unpack_from("<H", content, 8)[0]
            header = content[10:start].decode("latin-1")
            shape = [int(each) for each in
                     re.findall(r"\d+", re.search(r"'shape': \(([^)]*)\)", header)[1])]
            count = (len(content) - start) // 4
            places = [i * (count - 1) // (FEATURE_VALUES - 1) for i in range(FEATURE_VALUES)]
            values = [struct.unpack_from("<f", content, start + 4 * i)[0] for i in places]
            found[f"{name}: {case}"] = {"header": header.strip(), "shape": shape,
                                        "sha256": sha256(content), "values": values}
    return found


def measure_predictions(program, folder):
    found = {}
    for model in MODELS:
        for name in SCANNED:
            lines = program("classify", "--format", "json", "--segments", "--jobs", "1", "--quiet",
                            "--model", model, clip(name), folder=folder).splitlines()
            # Names of these fields are a promise to scripts: NAMES does not apply.
            [record] = [json.loads(line) for line in lines]
            if Path(record["path"]).name != name:
                raise AssertionError(f"{record['path']}: is not {name}")
            record["path"] = name
            found[f"{model}: {name}"] = record
    return found


# ------------------------------------------------------------------------------ model files

def read_model(path, with_values=False):
    """The metadata and the tensors of a model file, less what says when it was made."""
    content = path.read_bytes()
    size = struct.unpack_from("<Q", content)[0]
    header = json.loads(content[8:8 + size])
    metadata = header.pop("__metadata__", {})
    metadata.pop("earmark_version", None)
    for name, value in metadata.items():
        if value[:1] in "{[":
            metadata[name] = without_times(json.loads(value))
    tensors = {}
    for name, tensor in header.items():
        start, end = tensor["data_offsets"]
        data = content[8 + size + start:8 + size + end]
        tensors[name] = {"dtype": tensor["dtype"], "shape": tensor["shape"], "sha256": sha256(data)}
        if with_values:
            tensors[name]["values"] = list(struct.unpack(f"<{len(data) // 4}f", data))
    return {"metadata": metadata, "tensors": tensors}


def without_times(value):
    if isinstance(value, list):
        return [without_times(each) for each in value]
    if isinstance(value, dict):
        return {name: without_times(each) for name, each in value.items()
                if name not in ("seconds", "earmark", "libtorch")}
    return value


def measure_models(program, folder):
    files = {path.name: sha256(path.read_bytes())
             for path in sorted((ROOT / "models").glob("*.safetensors"))}
    program("model", "combine", ROOT / "models" / "mfcc-mlp.safetensors",
            ROOT / "models" / "mfcc-cnn.safetensors", "--output", "both.safetensors",
            "--name", "both", folder=folder)
    [described] = [json.loads(line) for line in
                   program("model", "mfcc-mlp", "--format", "json", folder=folder).splitlines()]
    del described["path"]
    return {"files": files, "combined": read_model(folder / "both.safetensors"),
            "described": without_times(recorded_names(described))}


# ------------------------------------------------------------------------------------ index

def table_names(database, name):
    there = {row[0] for row in
             database.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')")}
    return next((each for each in NAMES.get(name, (name,)) if each in there), None)


def numbers(blob, form):
    return [value for group in struct.iter_unpack(form, blob) for value in group]


# How columns pack numbers: the probabilities of ten genres, a segment's two times before them.
PACKED = {"probabilities": "<10f", "segments": "<2d10f", "embedding": "<f"}
INDEX_TABLES = ["models", "files", "verdicts", "tag_runs", "tag_changes"]


def read_index(path):
    """Tables, columns and rows of an index.

    Rows refer to others by content, as numbers depend on which file was ready first.
    Paths are names of files.
    """
    database = sqlite3.connect(path)
    database.row_factory = sqlite3.Row
    found = {"application_id": database.execute("PRAGMA application_id").fetchone()[0],
             "tables": {}, "rows": {}}
    models, files = {}, {}
    for table in INDEX_TABLES:
        name = table_names(database, table)
        if name is None:
            continue
        found["tables"][table] = {
            recorded_name(row["name"]): row["type"] for row in
            database.execute(f"SELECT name, type FROM pragma_table_info('{name}')")}
        rows = found["rows"][table] = {}
        for row in database.execute(f"SELECT * FROM {name}"):
            record = {recorded_name(column): row[column] for column in row.keys()}
            if table == "models":
                models[record["id"]] = record["fingerprint"]
            elif "model" in record:
                record["model"] = models.get(record["model"])
            if "path" in record:
                record["path"] = Path(os.fsdecode(record["path"])).name
            if table == "files":
                files[record["id"]] = record["path"]
                if record["gone"] is not None:
                    record["gone"] = "since some time"
            if table == "tag_changes":
                record["file"] = files.get(record["file"])
            for column, value in record.items():
                if isinstance(value, bytes):
                    record[column] = (numbers(value, PACKED[column]) if column in PACKED
                                      else value.hex())
            for column in ("id", *VOLATILE):
                record.pop(column, None)
            key = {"models": "fingerprint", "files": "path", "verdicts": "content",
                   "tag_changes": "path"}.get(table)
            rows[str(record[key]) if key else str(len(rows) + 1)] = record
    database.close()
    return found


def scan(program, folder):
    [summary] = program.records("scan", "music", "--index", "index.sqlite", "--jobs", "1",
                                "--format", "json", "--quiet", folder=folder, status=(0, 1))
    return summary


def listed(program, folder):
    entries = program.records("list", "--index", "index.sqlite", "--format", "json", folder=folder)
    for entry in entries:
        entry["path"] = Path(entry["path"]).name
    return {entry["path"]: entry for entry in entries}


def measure_index(program, folder):
    put_clips(folder / "music", SCANNED)
    first, second = scan(program, folder), scan(program, folder)
    return {"first scan": first, "second scan": second,
            "index": read_index(folder / "index.sqlite"), "list": listed(program, folder)}


# A library that was scanned and tagged, as an index and what became of the clips.

def difference(old, new):
    """What turns one content into another, where only a stretch of it differs."""
    start = 0
    while start < min(len(old), len(new)) and old[start] == new[start]:
        start += 1
    end = 0
    while end < min(len(old), len(new)) - start and old[-1 - end] == new[-1 - end]:
        end += 1
    middle = base64.b64encode(zlib.compress(new[start:len(new) - end], 9)).decode()
    return {"start": start, "end": end, "middle": middle, "sha256": sha256(new)}


def changed(old, change):
    middle = zlib.decompress(base64.b64decode(change["middle"]))
    new = old[:change["start"]] + middle + old[len(old) - change["end"]:]
    if sha256(new) != change["sha256"]:
        raise AssertionError("a clip is not the one of which the library was made")
    return new


def record_library(program, folder):
    put_clips(folder / "music", [*SCANNED, REMOVED])
    (folder / "music" / BROKEN).write_bytes(BROKEN_BYTES)
    os.utime(folder / "music" / BROKEN, ns=(FIRST_TIME, FIRST_TIME))
    scan(program, folder)
    (folder / "music" / REMOVED).unlink()
    scan(program, folder)
    program("tag", "--write", "--minimum-probability", "0", "--index", "index.sqlite", "--quiet",
            folder=folder)
    summary, entries = scan(program, folder), listed(program, folder)
    files = {}
    for name in SCANNED:
        path = folder / "music" / name
        files[name] = {"modified": path.stat().st_mtime_ns,
                       **difference(clip(name).read_bytes(), path.read_bytes())}
    database = sqlite3.connect(folder / "index.sqlite")
    for table in ("files", "tag_changes"):
        for number, path in database.execute(f"SELECT id, path FROM {table}").fetchall():
            database.execute(f"UPDATE {table} SET path = ? WHERE id = ?",
                             (os.fsencode(Path(os.fsdecode(path)).name), number))
    database.execute("UPDATE files SET error_message = replace(error_message, ?, ?)",
                     (str(folder.resolve()), PLACE))
    database.execute(f"UPDATE tag_runs SET begun = {FIRST_TIME // 10**9}")
    database.execute(f"UPDATE files SET gone = {FIRST_TIME // 10**9} WHERE gone IS NOT NULL")
    database.commit()
    dump = [*database.iterdump()]
    for pragma in ("application_id", "user_version"):
        value = database.execute(f"PRAGMA {pragma}").fetchone()[0]
        dump.append(f"PRAGMA {pragma} = {value};")
    database.close()
    return {"files": files, "sql": "\n".join(dump).split("\n"), "scan": summary,
            "list": entries}


def restore_library(library, folder):
    """Makes music/ and index.sqlite in a folder as the recording program left them."""
    music = folder / "music"
    music.mkdir()
    for name, change in library["files"].items():
        (music / name).write_bytes(changed(clip(name).read_bytes(), change))
        os.utime(music / name, ns=(change["modified"], change["modified"]))
    (music / BROKEN).write_bytes(BROKEN_BYTES)
    os.utime(music / BROKEN, ns=(FIRST_TIME, FIRST_TIME))
    database = sqlite3.connect(folder / "index.sqlite")
    database.executescript("\n".join(library["sql"]))
    for table in ("files", "tag_changes"):
        for number, path in database.execute(f"SELECT id, path FROM {table}").fetchall():
            database.execute(f"UPDATE {table} SET path = ? WHERE id = ?",
                             (os.fsencode(music.resolve() / os.fsdecode(path)), number))
    database.execute("UPDATE files SET error_message = replace(error_message, ?, ?)",
                     (PLACE, str(folder.resolve())))
    database.commit()
    database.execute("PRAGMA journal_mode = WAL")
    database.close()


# ------------------------------------------------------------------ experiments and training

def make_store(program, folder):
    """A feature store of made-up numbers, the same on every machine."""
    tracks, columns, coefficients = 16, 12, 5
    values = [(i * 2654435761 % 2**32) / 2**32 * 20 - 10
              for i in range(tracks * columns * coefficients)]
    header = str({"descr": "<f4", "fortran_order": False, "shape": (tracks, columns, coefficients)})
    header += " " * (63 - (10 + len(header)) % 64) + "\n"
    (folder / "made.npy").write_bytes(
        b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode()
        + struct.pack(f"<{len(values)}f", *values))
    (folder / "made.csv").write_text("track,genre\n" + "".join(
        f"{genre}.{i},{genre}\n" for genre in ("jazz", "rock") for i in range(tracks // 2)))
    program("store", "import", "made.npy", "--index", "made.csv", "--output", "made.store",
            "--coefficients", coefficients, "--segment-seconds", "0.1", "--segments-per-block", "3",
            "--segment-frames", "4", "--quiet", folder=folder)


def plan(program, experiment, folder):
    """The runs of an experiment: their ids, states and labels."""
    with open(folder / experiment, "rb") as file:
        entries = tomllib.load(file)
    stores = [word for data in entries["data"]
              for word in ("--store", f"{data['name']}=made.store")]
    for protocol in entries["protocol"]:
        for option in ("split-file", "group-file"):
            if option in protocol.get("options", {}):
                path = folder / protocol["options"][option]
                path.parent.mkdir(exist_ok=True)
                path.write_text(f"track,artist,genre,part\n{path.stem},nobody,jazz,train\n")
    said = program("experiment", "run", experiment, "--data", ".", "--output", "results", *stores,
                   "--dry-run", folder=folder)
    states = "|".join(("finished", "failed", *NAMES["waiting"]))
    return [{"id": number, "state": recorded_name(state), "label": label} for number, state, label
            in re.findall(rf"^ *([0-9a-f]{{16}}|-) +({states}) +(.*?) *$", said, re.MULTILINE)]


def measure_runs(program, folder):
    make_store(program, folder)
    [store] = [json.loads(line) for line in
               program("store", "info", "made.store", "--format", "json",
                       folder=folder).splitlines()]
    found = {"store fingerprint": store["fingerprint"], "plans": {}}
    (folder / "small.toml").write_text(EXPERIMENT)
    for path in sorted((ROOT / "experiments").glob("*.toml")):
        shutil.copyfile(path, folder / path.name)
    for name in sorted(path.name for path in folder.glob("*.toml")):
        found["plans"][name] = [f"{run['id']} {run['label']}"
                                for run in plan(program, name, folder)]
    return found


RESULTS = ["--data", ".", "--output", "results", "--jobs", "1", "--quiet", "--protocol", "tracks"]


def read_results(folder):
    with open(folder / "results" / "results.csv", newline="", encoding="utf-8") as file:
        return [recorded_names(row) for row in csv.DictReader(file)]


def record_experiment(program, folder):
    """What a finished experiment leaves: a later program must not train its runs again."""
    make_store(program, folder)
    (folder / "small.toml").write_text(EXPERIMENT)
    program("experiment", "run", "small.toml", *RESULTS, folder=folder)
    kept = ("run.json", "state.json", "history.csv", "valid.csv", "valid.json", "test.csv",
            "test.json")
    files = {str(path.relative_to(folder)): path.read_text(encoding="utf-8").splitlines()
             for path in sorted((folder / "results" / "runs").glob("*/*")) if path.name in kept}
    return {"files": files, "results": read_results(folder)}


def restore_experiment(program, experiment, folder):
    make_store(program, folder)
    (folder / "small.toml").write_text(EXPERIMENT)
    for name, lines in experiment["files"].items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")


SHORT = ["train", "made.store", "--network", "mlp", "--hidden", "8", "--epochs", "3",
         "--seed", "3", "--threads", "1", "--valid-fraction", "0.25", "--learning-rate", "0.01",
         "--noise-fraction", "0.25", "--mixup", "0.2", "--name", "short",
         "--output", "short.safetensors", "--quiet"]
LONG = ["train", "made.store", "--network", "mlp", "--network-options", '{"hidden": [6]}',
        "--epochs", "400", "--seed", "5", "--threads", "1", "--valid-fraction", "0.25",
        "--learning-rate", "0.001", "--average", "0.9", "--keep", "last", "--name", "long",
        "--output", "long.safetensors", "--no-calibration"]


def measure_training(program, folder):
    make_store(program, folder)
    program(*SHORT, folder=folder)
    return read_model(folder / "short.safetensors", with_values=True)


def record_checkpoint(program, folder):
    """A training that was interrupted, and the model of the same training without a break."""
    make_store(program, folder)
    program(*LONG, "--quiet", folder=folder)
    whole = read_model(folder / "long.safetensors")
    (folder / "long.safetensors").unlink()
    words = [program.path, *LONG, "--format", "json"]
    with subprocess.Popen(words, cwd=folder, env=program.environment(folder), text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as running:
        running.stdout.readline()
        running.send_signal(signal.SIGINT)
        running.stdout.read()
    if running.returncode == 0:
        raise AssertionError("the training ended before it could be interrupted")
    content = (folder / "long.safetensors.checkpoint").read_bytes()
    return {"model": whole, "checkpoint": base64.b64encode(zlib.compress(content, 9)).decode()}


def resume_training(program, checkpoint, folder):
    make_store(program, folder)
    content = zlib.decompress(base64.b64decode(checkpoint["checkpoint"]))
    (folder / "long.safetensors.checkpoint").write_bytes(content)
    program(*LONG, "--quiet", "--resume", folder=folder)
    return read_model(folder / "long.safetensors")


# -------------------------------------------------------------------------------- recording

RECORDS = {
    "machine": lambda program, folder: machine(),
    "features": measure_features,
    "predictions": measure_predictions,
    "models": measure_models,
    "index": measure_index,
    "library": record_library,
    "runs": measure_runs,
    "experiment": record_experiment,
    "training": measure_training,
    "checkpoint": record_checkpoint,
}


def recorded(name):
    return json.loads((RECORDED / f"{name}.json").read_text(encoding="utf-8"))


def written(value, indent=""):
    """JSON with a line an entry, down to what fits into a line."""
    flat = json.dumps(value, ensure_ascii=False)
    if len(indent) + len(flat) < 110 or not isinstance(value, (dict, list)):
        return flat
    inner = indent + " "
    if isinstance(value, dict):
        lines = [f"{inner}{json.dumps(name, ensure_ascii=False)}: {written(each, inner)}"
                 for name, each in value.items()]
    elif all(isinstance(each, (int, float)) for each in value):
        return flat
    else:
        lines = [inner + written(each, inner) for each in value]
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    return f"{opening}\n" + ",\n".join(lines) + f"\n{indent}{closing}"


def main():
    program = Program(sys.argv[1])
    RECORDED.mkdir(exist_ok=True)
    for name in sys.argv[2:] or RECORDS:
        with tempfile.TemporaryDirectory(prefix="earmark-unchanged-") as folder:
            value = RECORDS[name](program, Path(folder))
        path = RECORDED / f"{name}.json"
        path.write_text(written(value) + "\n", encoding="utf-8")
        print(f"{path.relative_to(ROOT)}: {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
