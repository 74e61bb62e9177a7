"""Genres as mutagen writes them, in the spellings of each format, as `earmark list` reads them; and what mutagen and ffprobe
read of several genres that `earmark tag` wrote.

    genre_spellings_test.py BUILD [options of unittest]
"""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

try:
    import mutagen
    import mutagen.id3
except ImportError:  # Debian package: python3-mutagen
    mutagen = None

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = Path(sys.argv.pop(1)).resolve() / "bin" / "earmark"


@unittest.skipUnless(mutagen, "mutagen is not installed (Debian package: python3-mutagen)")
class Spellings(unittest.TestCase):
    def setUp(self):
        holder = tempfile.TemporaryDirectory(prefix="earmark-genres-")
        self.addCleanup(holder.cleanup)
        self.folder = Path(holder.name)
        self.music = self.folder / "music"
        self.music.mkdir()
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith(("XDG_", "EARMARK"))}
        self.environment["HOME"] = str(self.folder)

    def earmark(self, *words):
        done = subprocess.run([PROGRAM, *words], env=self.environment, capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def clip(self, name):
        clip = next((ROOT / "tests" / "clips").glob(f"*{Path(name).suffix}"))
        path = self.music / name
        shutil.copyfile(clip, path)
        return path

    def genres(self):
        self.earmark("scan", self.music, "--model", "mfcc-mlp", "--format", "json")
        return {Path(row["path"]).name: row["tags"]["genres"] for row in self.earmark("list", "--format", "json")}

    def test_are_read(self):
        wanted = {}
        for number, (texts, version, genres) in enumerate([
                (["Rock", "Reggae"], 4, ["Rock", "Reggae"]), (["(51)(39)"], 3, ["Techno-Industrial", "Noise"]),
                (["(4)Eurodisco"], 3, ["Disco", "Eurodisco"]), (["(RX)"], 3, ["Remix"]), (["17", "CR"], 4, ["Rock", "Cover"]),
                (["255"], 4, []), (["Folk, World, & Country"], 4, ["Folk, World, & Country"]), (["Unknown"], 4, [])]):
            path = self.clip(f"{number}.mp3")
            tags = mutagen.id3.ID3()
            tags.add(mutagen.id3.TCON(encoding=1, text=texts))
            tags.save(path, v2_version=version, v23_sep=None)
            wanted[path.name] = genres
        for name, key, values in [("a.flac", "genre", ["Rock", "Ska"]), ("a.ogg", "genre", ["Rock; Ska / Pop"]),
                                  ("a.m4a", "\xa9gen", ["Rock", "Ska"])]:
            file = mutagen.File(self.clip(name))
            file[key] = values
            file.save()
            wanted[name] = ["Rock", "Ska", "Pop"] if name == "a.ogg" else values
        self.assertEqual(self.genres(), wanted)

    def test_are_read_by_others(self):
        names = ["a.mp3", "a.flac", "a.ogg", "a.m4a"]
        for name in names:
            self.clip(name)
        self.genres()
        written = self.earmark("tag", "--write", "--replace", "--top", "3", "--further", "0", "--minimum-probability", "0",
                               "--format", "json")
        self.assertEqual(len(written), len(names))
        for row in written:
            found = mutagen.File(row["path"], easy=True)["genre"]
            self.assertEqual(found, row["after"], row["path"])
            probed = subprocess.run(["ffprobe", "-v", "error", "-show_entries", "format_tags=genre:stream_tags=genre", "-of",
                                     "default=nk=1:nw=1", row["path"]], capture_output=True, text=True, check=False).stdout
            self.assertIn(row["after"][0], probed)
        self.assertEqual({name: len(genres) for name, genres in self.genres().items()}, {name: 3 for name in names})


if __name__ == "__main__":
    unittest.main()
