"""benchmarks/library on a small library, with the synthetic clips as music: that it is killed and loses nothing, and that it
notices when something is lost.

    library_test.py BUILD [options of unittest]
"""
import json
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(sys.argv.pop(1))

# Spoils a file after it was written, and hears no Opus.
LIAR = """#!/bin/sh
if [ "$1" = scan ]; then exec {earmark} "$@" --exclude '*.opus'; fi
{earmark} "$@"
status=$?
if [ "$1 $2" = "tag --write" ]; then find "$7" -name '*7.ogg' -exec sh -c 'printf x | dd of="$1" bs=1 seek=20000 conv=notrunc' _ {{}} \\; ; fi
exit $status
"""


@unittest.skipUnless(shutil.which("ffmpeg"), "the ffmpeg program is not installed (Debian package: ffmpeg)")
class MadeLibrary(unittest.TestCase):
    def setUp(self):
        holder = tempfile.TemporaryDirectory(prefix="earmark-library-test-")
        self.addCleanup(holder.cleanup)
        self.folder = Path(holder.name)

    def run_program(self, *words):
        return subprocess.run([sys.executable, ROOT / "benchmarks" / "library", "--clips", ROOT / "tests" / "clips", "--work",
                               self.folder / "work", "--json", self.folder / "report.json", "--ratio", "1", *words],
                              capture_output=True, text=True, check=False)

    def report(self):
        return json.loads((self.folder / "report.json").read_text())

    def test_withstands_kills(self):
        done = self.run_program("--files", "40", "--kills", "4", "--earmark", BUILD / "bin" / "earmark")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        figures = self.report()["figures"]
        self.assertEqual((figures["good files"], figures["broken files"], figures["scan, killed"]), (41, 5, 4))
        self.assertGreater(figures["tag --write, killed"], 0)
        self.assertGreater(figures["tag --undo, killed"], 0)
        self.assertEqual(list((self.folder / "work").iterdir()), [])

    def test_notices_what_is_lost(self):
        liar = self.folder / "earmark"
        liar.write_text(LIAR.format(earmark=BUILD / "bin" / "earmark"))
        liar.chmod(0o755)
        done = self.run_program("--files", "20", "--kills", "1", "--earmark", liar)
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        broken = {each["promise"] for each in self.report()["promises"] if not each["kept"]}
        self.assertIn("scan: all good files are analyzed, nothing else", broken)
        self.assertIn("undo: all files have their old bytes, modes and times", broken)


if __name__ == "__main__":
    unittest.main()
