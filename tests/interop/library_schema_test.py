"""What the commands on the index print, against docs/reference/schema, and what other programs read of exports.

    library_schema_test.py BUILD [options of unittest]
"""
import csv
import json
import shutil
import sqlite3
import struct
import subprocess
import unittest

from program_test import PROGRAM, ROOT, ProgramTest


def read_npy(path):
    """The rows of a file as NpyWriter writes it."""
    content = path.read_bytes()
    assert content[:6] == b"\x93NUMPY"
    end = 10 + struct.unpack_from("<H", content, 8)[0]
    header = eval(content[10:end])  # a literal that the test itself had written
    rows, columns = header["shape"]
    values = struct.unpack_from(f"<{rows * columns}f", content, end)
    return [values[i * columns:(i + 1) * columns] for i in range(rows)]


class LibraryOutput(ProgramTest):
    @classmethod
    def prepare(cls):
        cls.music = cls.folder / "Music"
        cls.music.mkdir()
        for clip in sorted((ROOT / "tests/clips").glob("synthetic-*"))[:4]:
            shutil.copyfile(clip, cls.music / clip.name)
        (cls.music / "broken.mp3").write_bytes(b"no audio at all")
        (cls.music / "short.wav").write_bytes((cls.music / "broken.mp3").read_bytes())
        cls.scanned = cls.run_earmark("scan", cls.music, "--excerpts", "3", "--format", "json", status=1)

    def test_scan(self):
        self.check("scan", self.scanned)

    def test_list(self):
        for each in self.check("list", self.run_earmark("list", "--format", "json")):
            # 0 where the whole was analyzed, as in a file in which the decoder could not seek
            self.assertEqual(each["excerpts"], 3 if len(each["segments"]) == 3 else 0)
        failed = self.check("list", self.run_earmark("list", "--failed", "--format", "json"))
        self.assertTrue(all("error" in each for each in failed))

    def test_playlist(self):
        songs = sorted(self.music.glob("synthetic-*"))
        tracks = self.check("playlist", self.run_earmark("playlist", "--like", *songs[:2], "--format", "json"))
        self.assertEqual({each["path"] for each in tracks[:2]}, {str(song) for song in songs[:2]})

    def test_stats(self):
        self.check("stats", self.run_earmark("stats", "--format", "json"))

    def test_tag(self):
        words = ("tag", self.music, "--minimum-probability", "0", "--format", "json")
        self.check("tag", self.run_earmark(*words))
        self.check("tag", self.run_earmark(*words, "--write"))
        self.check("tag", self.run_earmark("tag", "--runs", "--format", "json"))

    def test_table_for_programs_has_a_column_a_genre(self):
        rows = list(csv.DictReader(self.run_earmark("list", "--format", "csv").splitlines()))
        self.assertEqual(len(rows), 4)
        for row in rows:
            self.assertEqual(list(row)[0], "path")
            self.assertAlmostEqual(float(row[row["genre"]]), float(row["probability"]))

    def test_exports_agree(self):
        listed = [json.loads(line) for line in self.run_earmark("list", "--format", "json").splitlines()]
        numbers, table = self.folder / "x.npy", self.folder / "y.csv"
        self.run_earmark("export", "--what", "probabilities", "--output", numbers)
        self.run_earmark("export", "--what", "probabilities", "--output", table)
        beside, alone = (list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))
                         for path in (self.folder / "x.csv", table))
        rows = read_npy(numbers)
        self.assertEqual([row["path"] for row in beside], [each["path"] for each in listed])
        for values, row, each in zip(rows, alone, listed, strict=True):
            for value, (label, wanted) in zip(values, each["probabilities"].items(), strict=True):
                self.assertAlmostEqual(value, wanted, delta=1e-7)
                self.assertAlmostEqual(float(row[f"probability_{label}"]), wanted, delta=1e-7)
        self.run_earmark("export", "--output", self.folder / "z.npy")
        for vector in read_npy(self.folder / "z.npy"):
            self.assertAlmostEqual(sum(value * value for value in vector), 1, delta=1e-4)

    def test_nothing_is_exported_in_part(self):
        before = set(self.folder.iterdir())
        self.run_earmark("export", "--search", "nobody", "--output", self.folder / "none.npy", status=1)
        self.run_earmark("export", "--output", self.folder / "none.txt", status=1)
        self.assertEqual(set(self.folder.iterdir()), before)

    def test_views(self):
        listed = {each["path"]: each for line in self.run_earmark("list", "--format", "json").splitlines()
                  for each in [json.loads(line)]}
        database = sqlite3.connect(self.folder / ".local/share/earmark/index.sqlite")
        self.addCleanup(database.close)
        found = dict(database.execute("SELECT path, genre FROM tracks WHERE error_code IS NULL"))
        self.assertEqual(found, {path: each["genre"] for path, each in listed.items()})
        for path, label, probability in database.execute("SELECT path, label, probability FROM probabilities"):
            self.assertEqual(probability, listed[path]["probabilities"][label])

    def test_says_what_is_not_there(self):
        done = subprocess.run([PROGRAM, "scan", self.folder / "none"], env=self.environment, capture_output=True,
                              text=True, check=False)
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
        done = subprocess.run([PROGRAM, "list", "--search", "nobody"], env=self.environment, capture_output=True,
                              text=True, check=False)
        self.assertEqual((done.returncode, done.stdout), (0, ""))
        self.assertIn("no track", done.stderr)


if __name__ == "__main__":
    unittest.main()
