"""A first library with genres in three commands, as README.md has them: readme_test.py BUILD [options of unittest]"""
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(sys.argv.pop(1)).resolve()
COMMANDS = ["earmark scan ~/Music", "earmark tag ~/Music", "earmark tag ~/Music --write"]


class ThreeCommands(unittest.TestCase):
    def test_they_give_genres_to_a_new_user(self):
        shown = [line.strip().removeprefix("$ ") for line in (ROOT / "README.md").read_text(encoding="utf-8").splitlines()]
        # Options in the README are for show; a new user needs none.
        found = [line.partition(" --exclude")[0] for line in shown if line.startswith("earmark ")]
        positions = [found.index(command) for command in COMMANDS]
        self.assertEqual(positions, sorted(positions), "the README tells them in another order")
        with tempfile.TemporaryDirectory(prefix="earmark-readme-") as home:
            music = Path(home) / "Music"
            music.mkdir()
            for sample in (ROOT / "tests" / "clips").glob("synthetic-*"):
                shutil.copyfile(sample, music / sample.name)
            environment = {name: value for name, value in os.environ.items()
                           if not name.startswith(("XDG_", "EARMARK"))}
            environment.update(HOME=home, PATH=f"{BUILD / 'bin'}:{environment['PATH']}")
            said = ""
            for command in COMMANDS:
                done = subprocess.run(["bash", "-c", command], env=environment, cwd=home, capture_output=True, text=True,
                                      stdin=subprocess.DEVNULL, check=False)
                self.assertEqual(done.returncode, 0, f"{command}: {done.stderr}")
                said = done.stderr
            written = int(said.split(" files written")[0].split()[-1])
            self.assertGreater(written, 5)
            tags = [subprocess.run(["ffprobe", "-v", "error", "-show_entries", "format_tags=genre:stream_tags=genre", "-of",
                                    "csv=p=0", file], capture_output=True, text=True, check=True).stdout.strip()
                    for file in music.iterdir()]
            self.assertEqual(sum(bool(tag) for tag in tags), written)


if __name__ == "__main__":
    unittest.main()
