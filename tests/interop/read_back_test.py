"""What `earmark tag` writes, as other programs read it: ffprobe, mutagen, and the MediaFile of beets.

    read_back_test.py BUILD [options of unittest]
"""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import made_tagger

try:
    import tagged_file
except ImportError as missing:
    print(f"OK (skipped={missing.name} is not installed: scripts/setup installs it)")  # as ctest is told to look for
    sys.exit(0)

BUILD = Path(sys.argv.pop(1))
SAMPLE = Path(__file__).resolve().parents[1] / "clips" / "synthetic-jazz.flac"

# The key of the mood by the end of a file's name, as mutagen calls it.
MOOD_KEYS = [(("id3v23.mp3", "id3v23-and-v1.mp3"), "TXXX:MOOD"), ((".mp3", ".wav", ".aiff"), "TMOO"),
             ((".flac", ".ogg", ".opus"), "mood"), ((".m4a",), "----:com.apple.iTunes:MOOD"), ((".wv",), "Mood"),
             ((".wma",), "WM/Mood")]


class ReadBack(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.holder = tempfile.TemporaryDirectory(prefix="earmark-interop-")
        cls.addClassCleanup(cls.holder.cleanup)
        cls.made = Path(cls.holder.name) / "made"
        cls.made.mkdir()
        for number, name in enumerate(tagged_file.FORMATS):
            file = cls.made / name
            tagged_file.make(file, SAMPLE)
            os.chmod(file, 0o640 + number % 2 * 4)
            try:
                os.setxattr(file, "user.note", b"kept \xff")
            except OSError:  # this disk has no such things
                pass
            os.utime(file, ns=(10**18 + number, 10**18 + 12345 * number))

    def setUp(self):
        holder = tempfile.TemporaryDirectory(prefix="earmark-interop-")
        self.addCleanup(holder.cleanup)
        self.music = Path(holder.name) / "music"
        shutil.copytree(self.made, self.music)  # with attributes of all kinds
        self.index = Path(holder.name) / "index.sqlite"
        self.earmark("scan", self.music)

    def earmark(self, command, *words):
        done = subprocess.run([BUILD / "bin" / "earmark", command, "--index", self.index, "--quiet", *map(str, words)],
                              capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def listed(self):
        done = subprocess.run([BUILD / "bin" / "earmark", "list", "--index", self.index, "--format", "json"],
                              capture_output=True, text=True, check=True)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def files(self):
        return sorted(self.music.iterdir())

    def each(self, look):
        return {file.name: look(file) for file in self.files()}

    def tag(self, *options):
        """Writes genres; what was written, by name."""
        lines = self.earmark("tag", "--write", "--minimum-probability", "0", "--format", "json", *options).splitlines()
        written = {Path(line["path"]).name: line["after"] for line in map(json.loads, lines)}
        self.assertEqual(set(written), set(tagged_file.FORMATS))
        return written

    def assert_only_genres_differ(self, work):
        before = {look: self.each(look) for look in (tagged_file.others, tagged_file.sound, tagged_file.attributes)}
        bytes_before = self.each(tagged_file.sha256)
        written = work()
        self.assertEqual({file.name for file in self.files()}, set(tagged_file.FORMATS))
        for look, was in before.items():
            for name, each in self.each(look).items():
                with self.subTest(name, look=look.__name__):
                    if name == "info.wav" and look is tagged_file.others:
                        # Players that ask ID3 first would miss what INFO says, so its fields go along.
                        carried, each = each[0], ({}, each[1])
                        self.assertEqual({key: frame.split("text=")[1] for key, frame in carried.items()},
                                         {"TIT2": "['Odd'])", "TPE1": "['Somebody'])"})
                    self.assertEqual(each, was[name])
        for name, each in self.each(tagged_file.sha256).items():
            self.assertNotEqual(each, bytes_before[name], name)
        self.earmark("tag", "--undo")
        self.assertEqual(self.each(tagged_file.sha256), bytes_before)
        self.assertEqual(self.each(tagged_file.attributes), before[tagged_file.attributes])
        return written

    def check(self, *options, count):
        def work():
            written = self.tag(*options)
            for file in self.files():
                genres = written[file.name]
                with self.subTest(file.name):
                    self.assertEqual(len(genres), count)
                    self.assertEqual(tagged_file.mutagen_genres(file), genres)
                    self.assertEqual(tagged_file.beets_genres(file), genres)
                    self.check_probed(file, genres)
                    for kind, found in tagged_file.further_genres(file).items():
                        self.assertEqual(found, genres[:1] if kind == "id3v1" else genres, kind)
        self.assert_only_genres_differ(work)

    def check_probed(self, file, genres):
        if file.name == "id3.wav":  # FFmpeg reads no text out of ID3 in WAV, no title, either
            return
        # Of several it shows all where the format has a list of them, else the first; the last in WMA.
        listed = file.suffix in (".flac", ".ogg", ".opus")
        shown = genres if listed else genres[-1:] if file.suffix == ".wma" else genres[:1]
        self.assertEqual(tagged_file.probed(file).get("genre"), ";".join(shown))

    def test_one_genre(self):
        self.check(count=1)

    def test_several_genres(self):
        self.check("--top", "3", "--further", "0", count=3)

    def test_moods(self):
        tagger = Path(self.index).with_name("tagger.safetensors")
        made_tagger.make(tagger)
        self.earmark("scan", self.music, "--model", "default", "--model", tagger)
        looks = (lambda file: tagged_file.others(file, tagged_file.is_mood), tagged_file.sound, tagged_file.attributes)
        before = [self.each(look) for look in looks]
        bytes_before = self.each(tagged_file.sha256)
        # No genre is so probable.
        lines = self.earmark("tag", "--write", "--minimum-probability", "1", "--format", "json").splitlines()
        written = {Path(line["path"]).name: line for line in map(json.loads, lines)}
        self.assertEqual(set(written), set(tagged_file.FORMATS))
        for look, was in zip(looks, before, strict=True):
            for name, each in self.each(look).items():
                if name == "info.wav" and look is looks[0]:
                    continue  # its fields go along into the new tag
                with self.subTest(name):
                    self.assertEqual(each, was[name])
        for file in self.files():
            line = written[file.name]
            moods = line["moods_after"]
            with self.subTest(file.name):
                self.assertEqual(sorted(moods), ["Happy", "Sad", "ünruhig"])
                self.assertEqual(line["before"], line["after"])
                key = next(key for suffixes, key in MOOD_KEYS if file.name.endswith(suffixes))
                self.assertEqual(tagged_file.mutagen_moods(file), {key: moods})
                if file.suffix != ".wav":  # FFmpeg reads no text out of ID3 in WAV
                    shown = next(value for key, value in tagged_file.probed(file).items() if tagged_file.is_mood(key))
                    self.assertIn(shown.split(";")[0], moods)
                if "ape" in file.name:
                    self.assertEqual(list(tagged_file.ape_of(file)["Mood"]), moods)
        listed = self.listed()
        self.assertEqual({Path(each["path"]).name: each["tags"]["moods"] for each in listed},
                         {name: line["moods_after"] for name, line in written.items()})
        self.earmark("scan", self.music)
        self.assertTrue(all(len(each["tags"]["moods"]) == 3 for each in self.listed()), "a scan reads them")
        self.earmark("tag", "--undo")
        self.assertEqual(self.each(tagged_file.sha256), bytes_before)

    def test_files_have_what_is_to_be_kept(self):
        """Else the other tests would compare nothing with nothing."""
        for file in self.files():
            with self.subTest(file.name):
                if file.name.startswith("untagged"):
                    continue
                if file.name != "info.wav":
                    self.assertEqual(tagged_file.beets_picture(file), tagged_file.PICTURE)
                if file.name != "id3.wav":
                    self.assertIn("Odd", tagged_file.probed(file)["title"])
        for name, further in {"id3v23-and-v1.mp3": ["id3v1"], "id3v24-and-ape.mp3": ["ape"], "id3v23.mp3": []}.items():
            self.assertEqual(list(tagged_file.further_genres(self.music / name)), further)
        self.assertEqual((self.music / "id3v23.mp3").read_bytes()[:4], b"ID3\3")
        self.assertEqual((self.music / "id3v24.mp3").read_bytes()[:4], b"ID3\4")


if __name__ == "__main__":
    unittest.main()
