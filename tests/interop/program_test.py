"""What tests share that run the program in a folder of its own, and hold its JSON against docs/reference/schema.

It takes the first argument, BUILD, off the command line.
"""
import json
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

try:
    import jsonschema
except ImportError:  # Debian package: python3-jsonschema
    jsonschema = None

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = Path(sys.argv.pop(1)).resolve() / "bin" / "earmark"


class ProgramTest(unittest.TestCase):
    """`prepare` fills the folder once, before the first test."""

    @classmethod
    def setUpClass(cls):
        holder = tempfile.TemporaryDirectory(prefix="earmark-test-")
        cls.addClassCleanup(holder.cleanup)
        cls.folder = Path(holder.name)
        cls.environment = {name: value for name, value in os.environ.items()
                           if not name.startswith(("XDG_", "EARMARK"))}
        cls.environment["HOME"] = str(cls.folder)
        cls.prepare()

    @classmethod
    def prepare(cls):
        pass

    @classmethod
    def run_earmark(cls, *words, status=0):
        """What the program prints in the folder; `errors` is what it says beside that."""
        done = subprocess.run([PROGRAM, *words], env=cls.environment, cwd=cls.folder, capture_output=True, text=True,
                              check=False)
        assert done.returncode == status, (words, done.returncode, done.stderr)
        cls.errors = done.stderr
        return done.stdout

    def check(self, name, output):
        """The objects of an output, which the schema `name` describes without room for more."""
        objects = [json.loads(line) for line in output.splitlines()]
        self.assertTrue(objects)
        if jsonschema is None:
            self.skipTest("jsonschema is not installed (Debian package: python3-jsonschema)")
        schema = json.loads((ROOT / f"docs/reference/schema/{name}.json").read_text(encoding="utf-8"))
        jsonschema.Draft202012Validator.check_schema(schema)
        for each in objects:
            jsonschema.validate(each, schema, cls=jsonschema.Draft202012Validator)
            with self.assertRaises(jsonschema.ValidationError):
                jsonschema.validate({**each, "another": 1}, schema, cls=jsonschema.Draft202012Validator)
        return objects
