"""What `store` prints, against docs/reference/schema, and what it makes of a data set with copies in Kaggle's folders.

    data_set_test.py BUILD [options of unittest]
"""
import csv
import json
import shutil
import subprocess
import unittest

from program_test import PROGRAM, ROOT, ProgramTest

CLIPS = {clip.stem.partition("-")[2]: clip for clip in (ROOT / "tests/clips").glob("synthetic-*")}


def retagged(mp3):
    """The bytes of an MP3 file under an ID3v2 tag of another size: other bytes, the same packets."""
    assert mp3[:3] == b"ID3"
    size = sum((byte & 0x7F) << (7 * (3 - i)) for i, byte in enumerate(mp3[6:10]))
    body = mp3[10 + size:]
    frame = b"TIT2" + (7).to_bytes(4, "big") + b"\0\0" + b"\0Another"[:7]
    padded = frame + bytes(1000)
    length = len(padded)
    header = b"ID3\x03\0\0" + bytes([(length >> 21) & 0x7F, (length >> 14) & 0x7F, (length >> 7) & 0x7F, length & 0x7F])
    return header + padded + body


class DataSet(ProgramTest):
    @classmethod
    def prepare(cls):
        genres = cls.folder / "archive/Data/genres_original"
        for genre, clip in CLIPS.items():
            (genres / genre).mkdir(parents=True)
            shutil.copyfile(clip, genres / genre / (f"{genre}.00000" + clip.suffix))
        (genres / "pop" / "blues again.mp3").write_bytes(retagged(CLIPS["blues"].read_bytes()))
        shutil.copyfile(CLIPS["jazz"], genres / "jazz" / "JAZZ (1).FLAC")
        (genres / "rock" / "broken.wav").write_bytes(b"no audio at all")
        (cls.folder / "archive/Data/images_original/blues").mkdir(parents=True)
        (cls.folder / "archive/Data/images_original/blues/blues00000.png").write_bytes(b"\x89PNG")
        (cls.folder / "archive/Data/features_30_sec.csv").write_text("filename,label\n")
        cls.created = cls.run_earmark("store", "create", "archive/Data", "--output", "made.store",
                                      "--format", "json", status=1)

    def test_create(self):
        [found] = self.check("store-create", self.created)
        self.assertEqual(found["tracks"], len(CLIPS) + 2)
        self.assertEqual(found["source"], "archive/Data/genres_original")
        self.assertEqual(found["genres"], sorted(CLIPS))
        self.assertEqual([failure["path"] for failure in found["failures"]],
                         ["archive/Data/genres_original/rock/broken.wav"])
        copies = {(each["copy_of"], each["track"]): each for each in found["copies"]}
        self.assertEqual(set(copies), {("blues.00000", "blues again"), ("JAZZ (1)", "jazz.00000")})
        self.assertTrue(all(each["equal"] for each in copies.values()))
        self.assertEqual(copies["blues.00000", "blues again"]["genre"], "pop")

    def test_info(self):
        [found] = self.check("store-info", self.run_earmark("store", "info", "made.store", "--format", "json"))
        self.assertEqual(found["copies"], json.loads(self.created)["copies"])
        rows = list(csv.DictReader(self.run_earmark("store", "info", "made.store", "--format", "csv").splitlines()))
        self.assertEqual([row["genre"] for row in rows], sorted(CLIPS))
        table = self.run_earmark("store", "info", "made.store")
        self.assertIn("blues again", table)
        self.assertIn("is a copy of", table)

    def test_a_store_of_an_earlier_version_says_that_it_does_not_know(self):
        shutil.copytree(self.folder / "made.store", self.folder / "old.store")
        (self.folder / "old.store/tracks.csv").unlink()
        [found] = self.check("store-info", self.run_earmark("store", "info", "old.store", "--format", "json"))
        self.assertIsNone(found["copies"])
        self.assertIn("not looked for", self.run_earmark("store", "info", "old.store"))

    def test_tables_name_the_copies(self):
        table = self.run_earmark("store", "create", "archive", "--output", "second.store", status=1)
        self.assertIn("2 tracks are copies of a recording that is there already", table)
        self.assertRegex(table, r"blues again +pop +blues\.00000 +blues +equal")
        self.assertIn("genre folders were taken from archive/Data/genres_original", self.errors)
        rows = list(csv.DictReader(self.run_earmark("store", "create", "archive", "--output", "third.store", "--quiet",
                                                    "--format", "csv", status=1).splitlines()))
        self.assertEqual([row["track"] for row in rows], ["jazz.00000", "blues again"])

    def test_copies_stay_on_one_side(self):
        self.run_earmark("baseline", "made.store", "--method", "knn", "--k", "1", "--part", "all", "--predictions",
                         "all.csv", "--quiet", "--valid-fraction", "0")
        with open(self.folder / "split.csv", "w", encoding="utf-8-sig", newline="") as file:
            file.write("filename;label;part\r\n")
            for genre in CLIPS:
                file.write(f"D:\\Data\\{genre}\\{genre}.00000.wav;{genre.title()};train\r\n")
            file.write("blues again.wav;pop;test\r\n;;\r\n")
        done = subprocess.run([PROGRAM, "baseline", "made.store", "--method", "knn", "--k", "1", "--split-file",
                               "split.csv", "--format", "json"], env=self.environment, cwd=self.folder,
                              capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(json.loads(done.stdout)["tracks_seen_in_training"], 0)
        self.assertIn("copies of tracks of another part", done.stderr)
        self.assertIn("blues.00000", done.stderr)


if __name__ == "__main__":
    unittest.main()
