"""scripts/robustness: whom it keeps out of the training part, and what it counts."""
import subprocess
import tempfile
import unittest
import wave
from pathlib import Path

SCRIPT = Path(__file__).resolve().parent.parent.parent / "scripts" / "robustness"

# Says of every file what its name begins with, and of those that are clipped or of MP3 that it is uncertain.
STAND_IN = """#!/usr/bin/env python3
import json, pathlib, sys
for path in sorted(pathlib.Path(sys.argv[2]).iterdir()):
    print(json.dumps({"path": str(path), "genre": path.stem.split("-")[0], "uncertain": path.suffix == ".mp3"}))
"""


class Robustness(unittest.TestCase):
    def setUp(self):
        holder = tempfile.TemporaryDirectory(prefix="earmark-robustness-")
        self.addCleanup(holder.cleanup)
        self.data = Path(holder.name)
        for genre, track in (("blues", "blues-0"), ("jazz", "jazz-0"), ("rock", "blues-1")):
            folder = self.data / "audio" / genre
            folder.mkdir(parents=True, exist_ok=True)
            with wave.open(str(folder / f"{track}.wav"), "wb") as clip:
                clip.setparams((1, 2, 22050, 0, "NONE", ""))
                clip.writeframes(b"".join(int(8000 * ((i // 50) % 2 * 2 - 1)).to_bytes(2, "little", signed=True)
                                          for i in range(22050 * 12)))
        splits = self.data / "splits"
        splits.mkdir()
        tracks = ["blues-0", "blues-2", "blues-3", "jazz-1", "rock-1"]
        (splits / "fault_filtered.csv").write_text("track,genre,part\n" + "".join(
            f"{track},{track.split('-')[0]},{'test' if track == 'rock-1' else 'train'}\n" for track in tracks))
        (splits / "artists.csv").write_text("track,artist,title\nblues-0,A,x\nblues-2,A,y\nblues-3,B,z\njazz-1,,u\n")
        self.program = self.data / "earmark"
        self.program.write_text(STAND_IN)
        self.program.chmod(0o755)

    def run_script(self, *words):
        done = subprocess.run([SCRIPT, *map(str, words)], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout.splitlines()

    def test_split_leaves_the_artists_of_the_clips_out(self):
        rows = self.run_script("split", self.data)
        self.assertEqual(rows[0], "track,genre,part")
        self.assertEqual(rows[1:], ["blues-3,blues,train", "jazz-1,jazz,train", "rock-1,rock,train",
                                    "blues-0,blues,test", "jazz-0,jazz,test", "blues-1,rock,test"])

    def test_measure_counts_what_is_right_and_named(self):
        rows = self.run_script("measure", self.data, "m.safetensors", "--earmark", self.program, "--uncertain")
        cells = {row.split("|")[1].strip(): [cell.strip() for cell in row.split("|")[2:-1]] for row in rows[2:]}
        self.assertEqual(len(cells), 8)
        self.assertEqual(cells["as it is"], ["3", "66.7", "100.0", "66.7"])
        self.assertEqual(cells["MP3, 64 kbit/s"], ["3", "66.7", "0.0", "-"])

    def test_a_folder_without_clips_is_an_error(self):
        done = subprocess.run([SCRIPT, "split", self.data / "splits"], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("holds no clips", done.stderr)


if __name__ == "__main__":
    unittest.main()
