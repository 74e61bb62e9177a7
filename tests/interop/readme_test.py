"""What README.md shows works: readme_test.py BUILD [options of unittest]"""
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
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = ["earmark scan ~/Music", "earmark tag ~/Music", "earmark tag ~/Music --write"]
AUDIO = {".mp3", ".flac", ".ogg", ".m4a", ".opus"}


def clips():
    """The clips that ship, of which there are at least ten."""
    return sorted(path for path in (ROOT / "samples").iterdir() if path.suffix in AUDIO)


def environment_for(home):
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("XDG_", "EARMARK"))}
    environment.update(HOME=str(home), PATH=f"{BUILD / 'bin'}:{environment['PATH']}")
    return environment


class Readme(unittest.TestCase):
    def test_takes_a_minute_to_read(self):
        self.assertLessEqual(len(README.splitlines()), 120)

    def test_its_output_is_what_the_program_prints(self):
        done = subprocess.run([ROOT / "scripts/update-docs", "--check", "--bin", BUILD / "bin"], capture_output=True,
                              text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_its_python_prints_the_genre(self):
        code = re.search(r"```python\n(.*?)```", README, re.S)[1]
        with tempfile.TemporaryDirectory(prefix="earmark-readme-") as home:
            clip = clips()[0]
            song = Path(home) / "song.mp3"  # found out by its content, whatever its name
            shutil.copyfile(clip, song)
            run = {"env": environment_for(home), "cwd": home, "capture_output": True, "text": True, "check": True}
            printed = subprocess.run([sys.executable, "-c", code], **run).stdout.split()
            said = json.loads(subprocess.run(["earmark", "classify", "--format", "json", "song.mp3"], **run).stdout)
            self.assertEqual(printed, ["song.mp3", said["genre"], str(said["probability"])])


class ThreeCommands(unittest.TestCase):
    def test_they_give_genres_to_a_new_user(self):
        shown = [line.strip().removeprefix("$ ") for line in README.splitlines()]
        found = [line for line in shown if line.startswith("earmark ")]
        positions = [found.index(command) for command in COMMANDS]
        self.assertEqual(positions, sorted(positions), "the README tells them in another order")
        with tempfile.TemporaryDirectory(prefix="earmark-readme-") as home:
            music = Path(home) / "Music"
            music.mkdir()
            for clip in clips():
                shutil.copyfile(clip, music / clip.name)
            environment = environment_for(home)
            said = ""
            for command in COMMANDS:
                done = subprocess.run(["bash", "-c", command], env=environment, cwd=home, capture_output=True, text=True,
                                      stdin=subprocess.DEVNULL, check=False)
                self.assertEqual(done.returncode, 0, f"{command}: {done.stderr}")
                said = done.stderr
            written = int(re.search(r"(\d+) files? written", said).group(1))
            self.assertGreater(written, 0, said)
            tags = [subprocess.run(["ffprobe", "-v", "error", "-show_entries", "format_tags=genre:stream_tags=genre", "-of",
                                    "csv=p=0", file], capture_output=True, text=True, check=True).stdout.strip()
                    for file in music.iterdir()]
            self.assertEqual(sum(bool(tag) for tag in tags), written)


if __name__ == "__main__":
    unittest.main()
