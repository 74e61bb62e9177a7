"""The check of the documents must find what it is for: each test is a small tree with one fault."""
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


class CheckDocs(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="earmark-docs-test-")
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)

    def write(self, name, text):
        (self.root / name).parent.mkdir(parents=True, exist_ok=True)
        (self.root / name).write_text(text, encoding="utf-8")

    def check(self, expected=None):
        """Runs the check, which finds what is expected, or nothing."""
        done = subprocess.run([sys.executable, ROOT / "scripts/check-docs", self.root], capture_output=True, text=True,
                              check=False)
        if expected is None:
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        else:
            self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
            self.assertIn(expected, done.stdout)
            self.assertEqual(len(done.stdout.splitlines()), 1, done.stdout)

    def test_sound_documents_pass(self):
        self.write("docs/other.md", "# Other\n\n## A `name`, and more\n")
        self.write("src/base/text.cpp", "// See docs/other.md.\n")
        self.write("page.md", "# Page\n\n[one](docs/other.md#a-name-and-more), [two](#page), [three](https://example.org/a).\n"
                              "- **Lead.** A sentence of `src/base/text.cpp` by et al. Smith.\n\n"
                              "| " + "a table may be wide " * 10 + "|\n|---|\n\n"
                              "    code may be wide " + "x" * 100 + "\n\n```\n[no link](nowhere)\n" + "y" * 120 + "\n```\n")
        self.check()

    def test_dead_link(self):
        self.write("page.md", "# Page\n\nSee [this](missing.md).\n")
        self.check("page.md:3: missing.md: there is no missing.md")

    def test_dead_image(self):
        self.write("page.md", "# Page\n\n![A picture](missing.svg)\n")
        self.check("there is no missing.svg")

    def test_dead_anchor(self):
        self.write("page.md", "# Page\n\nSee [this](#nowhere).\n")
        self.check("page.md has no heading #nowhere")

    def test_dead_anchor_of_another_page(self):
        self.write("docs/other.md", "# Other\n")
        self.write("page.md", "# Page\n\nSee [this](docs/other.md#nowhere).\n")
        self.check("docs/other.md has no heading #nowhere")

    def test_link_out_of_the_tree(self):
        self.write("page.md", "# Page\n\nSee [this](../page.md).\n")
        self.check("leads out of the repository")

    def test_malformed_address(self):
        self.write("page.md", "# Page\n\nSee [this](https://nowhere).\n")
        self.check("https://nowhere is no well-formed address")

    def test_dead_path(self):
        self.write("page.md", "# Page\n\nSee `src/core/text.cpp`.\n")
        self.check("there is no src/core/text.cpp")

    def test_dead_document_in_a_comment(self):
        self.write("src/base/text.cpp", "// See docs/missing.md.\n")
        self.check("src/base/text.cpp:1: there is no docs/missing.md")

    def test_long_line(self):
        self.write("page.md", "# Page\n\n" + "many words " * 9 + "in a line.\n")
        self.check("page.md:3: 109 columns")

    def test_long_sentence(self):
        self.write("page.md", "# Page\n\n" + ("word " * 13).strip() + "\n" + ("word " * 13).strip() + ".\n")
        self.check("page.md:3: a sentence of 26 words")

    def test_two_sentences_in_a_line(self):
        self.write("page.md", "# Page\n\nOne sentence. Another one.\n")
        self.check("page.md:3: two sentences in one line")

    def test_heading_missing(self):
        self.write("page.md", "Text without a heading.\n")
        self.check("0 headings of the first level")


if __name__ == "__main__":
    unittest.main()
