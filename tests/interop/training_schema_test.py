"""What the commands on models and data print as JSON, against docs/reference/schema.

    training_schema_test.py BUILD [options of unittest]
"""
import csv
import shutil
import unittest

from program_test import PROGRAM, ROOT, ProgramTest

CLIPS = sorted((ROOT / "tests/clips").glob("synthetic-*"))
EXPERIMENT = """
title = "Small"
seeds = [1]

[[data]]
name = "all"
audio = "music"

[[protocol]]
name = "random"
title = "Random tracks"
options = { split = "random-tracks" }

[[grid]]
name = "mlp"
title = "Perceptrons"
family = "MLP"
protocols = ["random"]
options = { network = "mlp", epochs = 1, dropout = [0.1, 0.2] }
"""


class Output(ProgramTest):
    @classmethod
    def prepare(cls):
        for genre, clips in (("blues", CLIPS[:4]), ("rock", CLIPS[4:8])):
            (cls.folder / "music" / genre).mkdir(parents=True)
            for clip in clips:
                shutil.copyfile(clip, cls.folder / "music" / genre / clip.name)
        # As the shipped models of MFCCs want it.
        cls.run_earmark("store", "create", "music", "--output", "store", "--segments-per-block", "5", "--segment-frames",
                    "77", "--frame-step", "3.3367741935483872", "--quiet")

    def check_json(self, name, *words, status=0):
        return self.check(name, self.run_earmark(*words, "--format", "json", status=status))

    def test_classify(self):
        (self.folder / "broken.mp3").write_bytes(b"no audio at all")
        objects = self.check_json("classify", "classify", CLIPS[0], "broken.mp3", "missing.mp3", status=1)
        self.assertEqual([("error" in each) for each in objects].count(True), 2)

    def test_model(self):
        for name in ("default", "mfcc-mlp"):
            [described] = self.check_json("model", "model", name)
            self.assertIn("coverage", described["calibration"]["fit"])

    def test_model_combine(self):
        self.check_json("model-combine", "model", "combine", *[ROOT / f"models/{each}.safetensors" for each in
                                                         ("mfcc-mlp", "mfcc-cnn")], "--output", "both.safetensors")
        [described] = self.check_json("model", "model", "both.safetensors")
        self.assertEqual(described["calibration"]["fit"], {})

    def test_model_calibrate(self):
        # As many tracks as a calibration needs, which the shipped models were not trained on.
        many = self.folder / "many"
        for genre, clips in (("blues", CLIPS[:3]), ("rock", CLIPS[3:6])):
            (many / genre).mkdir(parents=True)
            for clip in clips:
                for copy in range(4):
                    shutil.copyfile(clip, many / genre / f"{copy}-{clip.name}")
        self.check_json("model-calibrate", "model", "calibrate", ROOT / "models/mfcc-mlp.safetensors", "--data", "many",
                   "--part", "all", "--output", "calibrated.safetensors", "--quiet")

    def test_evaluate_and_baseline(self):
        words = ("--part", "all", "--errors", "3", "--quiet")
        [found] = self.check_json("evaluate", "evaluate", "store", "--model", "mfcc-mlp", *words)
        self.assertEqual(found["tracks"]["count"], 8)
        self.check_json("evaluate", "evaluate", "store", "--model", "mfcc-mlp", "--part", "all", "--quiet")
        baseline = ("baseline", "store", "--method", "knn", "--k", "1", "--split", "random-tracks",
                    "--valid-fraction", "0.25", "--test-fraction", "0.25")
        self.check_json("evaluate", *baseline)
        rows = list(csv.DictReader(self.run_earmark(*baseline, "--format", "csv").splitlines()))
        [same] = self.check_json("evaluate", *baseline)
        self.assertEqual([row["genre"] for row in rows], same["labels"])
        for row in rows:
            genre = same["tracks"]["genres"][row["genre"]]
            self.assertEqual(int(row["tracks"]), genre["count"])
            self.assertEqual(int(row["segments"]), same["segments"]["genres"][row["genre"]]["count"])
            self.assertEqual(row["track_recall"], "" if genre["recall"] is None else f"{genre['recall']:.6f}")

    def test_experiment(self):
        (self.folder / "small.toml").write_text(EXPERIMENT, encoding="utf-8")
        words = ("experiment", "run", "small.toml", "--data", ".", "--store", "all=store", "--dry-run")
        runs = self.check_json("experiment", *words)
        rows = list(csv.DictReader(self.run_earmark(*words, "--format", "csv").splitlines()))
        self.assertEqual([(row["id"], row["state"]) for row in rows], [(run["id"], run["state"]) for run in runs])
        self.assertEqual([run["options"]["dropout"] for run in runs], [0.1, 0.2])

    def test_train(self):
        if not (PROGRAM.parent / "earmark-train").exists():
            return  # built without training
        lines = self.check_json("train", "train", "store", "--network", "mlp", "--hidden", "4", "--epochs", "2", "--threads",
                           "1", "--valid-fraction", "0.25", "--test-fraction", "0", "--output", "x.safetensors",
                           "--quiet")
        self.assertEqual([("epoch" in each) for each in lines], [True, True, False])


if __name__ == "__main__":
    unittest.main()
