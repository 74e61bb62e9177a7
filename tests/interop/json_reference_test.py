"""docs/reference/json.md lists the fields that the program prints: json_reference_test.py BUILD [options of unittest]"""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(sys.argv.pop(1)).resolve()
# Of what is no music, of models of many labels, and of several models.
MANY = {"not_music", "tags", "models", "labels", "label_models"}
PAGE = (ROOT / "docs/reference/json.md").read_text(encoding="utf-8")


def documented(section):
    """The fields that a section's table names in its first column."""
    text = PAGE.partition(f"\n## {section}\n")[2].partition("\n## ")[0]
    fields = set()
    for row in re.findall(r"^\| (.*?) \|", text, re.M):
        fields.update(re.findall(r"`(\w+)`", row))
    assert fields, section
    return fields


class JsonReference(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="earmark-json-")
        home = Path(cls.folder.name)
        cls.music = home / "Music"
        cls.music.mkdir()
        for clip in sorted((ROOT / "tests/clips").glob("synthetic-*"))[:4]:
            shutil.copyfile(clip, cls.music / clip.name)
        (cls.music / "broken.mp3").write_bytes(b"no audio at all")
        cls.environment = {name: value for name, value in os.environ.items()
                           if not name.startswith(("XDG_", "EARMARK"))}
        cls.environment["HOME"] = str(home)
        cls.scanned = cls.run_earmark("scan", cls.music, status=1)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    @classmethod
    def run_earmark(cls, command, *arguments, status=0):
        """The objects that a command prints."""
        done = subprocess.run([BUILD / "bin/earmark", command, "--format", "json", *arguments], env=cls.environment,
                              capture_output=True, text=True, check=False)
        assert done.returncode == status, done.stderr
        return [json.loads(line) for line in done.stdout.splitlines()]

    def compare(self, objects, fields, optional=()):
        self.assertTrue(objects)
        for each in objects:
            self.assertEqual(set(each) - fields, set(), "not documented")
            self.assertEqual(fields - set(each) - set(optional), set(), "documented, but not printed")

    def test_classify(self):
        objects = self.run_earmark("classify", self.music, status=1)
        failed = [each for each in objects if "error" in each]
        self.assertEqual([set(each) for each in failed], [{"path", "error"}])
        self.assertEqual(set(failed[0]["error"]), {"code", "message"})
        self.compare([each for each in objects if "error" not in each], documented("classify"), {"warnings", "error"} | MANY)

    def test_scan(self):
        self.compare(self.scanned, documented("scan"))

    def test_list(self):
        fields = documented("classify") | documented("list")
        self.compare(self.run_earmark("list"), fields, {"warnings", "error", "missing"} | MANY)
        for each in self.run_earmark("list", "--failed"):
            self.assertIn("error", each)
            self.assertEqual(set(each) - fields, set())

    def test_playlist(self):
        seed = next(self.music.glob("synthetic-*"))
        self.compare(self.run_earmark("playlist", "--like", seed), documented("playlist"), {"label_probability"})

    def test_stats(self):
        objects = self.run_earmark("stats")
        self.compare(objects, documented("stats"))

    def test_tag(self):
        fields = documented("tag")
        self.compare(self.run_earmark("tag", self.music, "--minimum-probability", "0"), fields)
        self.run_earmark("tag", self.music, "--minimum-probability", "0", "--write")
        self.compare(self.run_earmark("tag", "--runs"), set(re.findall(r"`(\w+)`", PAGE.partition("`--runs`")[2]
                                                                       .partition("\n")[0])))


if __name__ == "__main__":
    unittest.main()
