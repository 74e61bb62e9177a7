"""scripts/bench without rivals and with rivals that are not what they seem: bench_test.py BUILD [unittest's options]"""

import json
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BUILD = sys.argv.pop(1)
ROWS = ["mfcc-librosa", "mfcc-fft", "classify-decode-1", "cold-keras", "memory-classify", "folder", "train-lstm-torch-1",
        "train-cnn-keras-2", "train-mlp-threads", "train-vgg-torch-2", "memory-train",
        "network-msd-musicnn", "network-yamnet"]

# In place of a rival's Python: takes SCRIPT SAMPLES SECONDS OUTPUT, computes nothing, and says it was very quick.
IMPOSTOR = """#!/bin/sh
head -c 67184 /dev/zero > "$4"
echo '{"seconds": [1e-9], "check": {"frames": 1292, "coefficients": 13}, "version": "0", "way": "none"}'
"""


class Bench(unittest.TestCase):
    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="earmark-bench-"))
        self.addCleanup(shutil.rmtree, self.folder)

    def bench(self, *options):
        return subprocess.run(
            [sys.executable, ROOT / "scripts" / "bench", "--build", BUILD, "--rivals", self.folder / "rivals", "--work",
             self.folder / "work", *options], capture_output=True, text=True, check=False)

    def rival(self, name, text):
        path = self.folder / "rivals" / name / "bin" / "python"
        path.parent.mkdir(parents=True)
        path.write_text(text, encoding="utf-8")
        path.chmod(0o755)

    def quick(self, *options):
        return self.bench("--rounds", "1", "--seconds", "0.01", "--json", self.folder / "rows.json", *options)

    def rows(self):
        return {row["row"]: row for row in json.loads((self.folder / "rows.json").read_text(encoding="utf-8"))}

    def test_list_names_the_rows_and_what_is_missing(self):
        outcome = self.bench("--list")
        self.assertEqual(outcome.returncode, 0, outcome.stderr)
        lines = {line.split()[0]: line for line in outcome.stdout.splitlines()}
        for row in ROWS:
            self.assertIn(row, lines)
        self.assertIn("librosa is not set up", lines["mfcc-librosa"])
        self.assertIn("can be measured", lines["classify-decode-1"])

    def test_missing_rivals_are_named_and_left_out(self):
        outcome = self.quick("--only", "mfcc", "--output", self.folder / "table.md")
        self.assertEqual(outcome.returncode, 0, outcome.stderr)
        for rival in ("librosa", "torchaudio", "essentia"):
            self.assertIn(f"not measured: mfcc-{rival}: {rival} is not set up", outcome.stdout)
        row = self.rows()["mfcc-fft"]
        self.assertEqual((len(row["ours"]), len(row["theirs"]), row["difference"]), (1, 1, ""))
        self.assertGreater(row["theirs"][0], 0)
        self.assertEqual((self.folder / "table.md").read_text(encoding="utf-8"), outcome.stdout)

    def test_a_rival_that_computed_something_else_is_found_out(self):
        self.rival("tensorflow", IMPOSTOR)
        outcome = self.quick("--only", "mfcc-librosa")
        self.assertEqual(outcome.returncode, 1, outcome.stdout)
        self.assertIn("largest MFCC difference", self.rows()["mfcc-librosa"]["difference"])
        self.assertIn("| not the same |", outcome.stdout)

    def test_a_rival_that_fails_is_reported(self):
        self.rival("tensorflow", "#!/bin/sh\necho 'no such module' >&2\nexit 1\n")
        outcome = self.quick("--only", "mfcc-librosa")
        self.assertEqual(outcome.returncode, 1, outcome.stdout)
        self.assertIn("no such module", outcome.stdout)

    def test_training_steps_need_no_rivals(self):
        outcome = self.quick("--only", "train-mlp-threads")
        self.assertEqual(outcome.returncode, 0, outcome.stderr)
        row = self.rows()["train-mlp-threads"]
        if row["missing"]:
            self.assertRegex(row["missing"], "is not built|there are no 2 cores")
        else:
            self.assertEqual((len(row["ours"]), row["difference"]), (1, ""))

    def test_unknown_row(self):
        self.assertEqual(self.bench("--only", "nothing").returncode, 2)


if __name__ == "__main__":
    unittest.main()
