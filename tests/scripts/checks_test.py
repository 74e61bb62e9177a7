"""The checks of scripts/ on small trees: clean ones pass, and each kind of violation is caught and named."""
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PUBLIC = "#pragma once\n\n/// @file\n/// What went wrong.\n"


class Check(unittest.TestCase):
    script = ""

    def setUp(self):
        self.tree = Path(tempfile.mkdtemp(prefix="earmark-checks-"))
        self.addCleanup(shutil.rmtree, self.tree)

    def write(self, name, text):
        path = self.tree / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def outcome(self):
        return subprocess.run([ROOT / "scripts" / self.script, self.tree], capture_output=True, text=True, check=False)

    def assert_clean(self):
        outcome = self.outcome()
        self.assertEqual(outcome.returncode, 0, outcome.stderr)

    def assert_caught(self, *words):
        outcome = self.outcome()
        self.assertNotEqual(outcome.returncode, 0, "the violation passed: " + outcome.stdout)
        for word in words:
            self.assertIn(word, outcome.stderr)


class Includes(Check):
    script = "check-includes"

    def setUp(self):
        super().setUp()
        self.write("cmake/layers.txt", (ROOT / "cmake" / "layers.txt").read_text(encoding="utf-8"))
        self.write("include/earmark/error.hpp", PUBLIC + "#include <string>\n")
        self.write("include/earmark/audio.hpp", PUBLIC + '#include "earmark/error.hpp"\n')
        self.write("src/base/throw.hpp", '#pragma once\n#include <fmt/format.h>\n#include "earmark/error.hpp"\n')
        self.write("src/audio/decoder.hpp", '#pragma once\n#include "base/throw.hpp"\n#include "earmark/audio.hpp"\n')
        self.write("apps/earmark/commands.hpp", "#pragma once\n")
        self.write("apps/earmark/main.cpp", '#include "audio/decoder.hpp"\n#include "earmark/commands.hpp"\n')
        self.write("tests/support/folder.hpp", "#pragma once\n")
        self.write("tests/audio/decoder_test.cpp", '#include "audio/decoder.hpp"\n#include "support/folder.hpp"\n')
        self.write("src/training/trainer.cpp", '#include <torch/torch.h>\n#include "audio/decoder.hpp"\n')

    def test_clean_tree_passes(self):
        self.assert_clean()

    def test_later_folder(self):
        self.write("src/base/bad.cpp", '\n#include "audio/decoder.hpp"\n')
        self.assert_caught("src/base/bad.cpp:2:", "base comes before audio")

    def test_public_header_of_a_later_folder(self):
        self.write("src/base/bad.cpp", '#include "earmark/audio.hpp"\n')
        self.assert_caught("src/base/bad.cpp:1:", "base comes before audio")

    def test_public_header_includes_source(self):
        self.write("include/earmark/audio.hpp", PUBLIC + '#include "base/throw.hpp"\n')
        self.assert_caught("include/earmark/audio.hpp:5:", "public headers include only")

    def test_public_header_includes_third_party(self):
        self.write("include/earmark/audio.hpp", PUBLIC + "#include <fmt/format.h>\n")
        self.assert_caught("include/earmark/audio.hpp:5:", "standard library")

    def test_public_header_for_c(self):
        self.write("include/earmark/earmark.h", PUBLIC + "#include <stddef.h>\n")
        self.assert_clean()
        self.write("include/earmark/earmark.h", PUBLIC + "#include <string>\n")
        self.assert_caught("include/earmark/earmark.h:5:", "standard library")

    def test_public_header_without_a_folder(self):
        self.write("include/earmark/unknown.hpp", PUBLIC)
        self.assert_caught("include/earmark/unknown.hpp:1:", "which folder")

    def test_source_includes_apps(self):
        self.write("src/audio/bad.cpp", '#include "earmark/commands.hpp"\n')
        self.assert_caught("src/audio/bad.cpp:1:", "nothing includes apps/")

    def test_programs_share_within_apps(self):
        self.write("apps/earmark-train/main.cpp", '#include "earmark/commands.hpp"\n#include "options.hpp"\n')
        self.write("apps/earmark-train/options.hpp", "#pragma once\n")
        self.assert_clean()

    def test_test_includes_apps(self):
        self.write("tests/cli/bad_test.cpp", '#include "earmark/commands.hpp"\n')
        self.assert_caught("tests/cli/bad_test.cpp:1:", "nothing includes apps/")

    def test_source_includes_tests(self):
        self.write("src/audio/bad.cpp", '#include "support/folder.hpp"\n')
        self.assert_caught("src/audio/bad.cpp:1:", "only tests")

    def test_torch_in_the_listening_half(self):
        for header in ("torch/torch.h", "ATen/Parallel.h", "c10/cuda/CUDAGuard.h"):
            with self.subTest(header):
                self.write("src/audio/bad.cpp", f"#include <{header}>\n")
                self.assert_caught("src/audio/bad.cpp:1:", "libtorch")

    def test_unknown_folder(self):
        self.write("src/utilities/misc.hpp", "#pragma once\n")
        self.assert_caught("src/utilities/misc.hpp:1:", "no place in the order")

    def test_missing_folder_name(self):
        self.write("src/audio/bad.cpp", '#include "decoder.hpp"\n')
        self.assert_caught("src/audio/bad.cpp:1:", "give folder and name")

    def test_angle_brackets(self):
        self.write("src/audio/bad.cpp", "#include <earmark/audio.hpp>\n")
        self.assert_caught("src/audio/bad.cpp:1:", "in quotes")
        (self.tree / "src/audio/bad.cpp").unlink()
        self.write("tests/package/consumer/main.cpp", "#include <earmark/audio.hpp>\n")
        self.assert_clean()

    def test_circle(self):
        self.write("src/base/throw.hpp", '#pragma once\n#include "base/other.hpp"\n')
        self.write("src/base/other.hpp", '#pragma once\n#include "base/throw.hpp"\n')
        self.assert_caught("a circle")

    def test_commented_include_does_not_count(self):
        self.write("src/base/fine.cpp", '/*\n#include "audio/decoder.hpp"\n*/\n// #include "audio/decoder.hpp"\n')
        self.assert_clean()

    def test_empty_tree(self):
        shutil.rmtree(self.tree)
        self.tree.mkdir()
        self.assert_caught("no C++ file")


class Messages(Check):
    script = "check-messages"

    def test_fields_comments_css_and_programs_pass(self):
        self.write("src/base/a.cpp", 'void f() { fail("`jobs` {}: too many.", --n); }  // --jobs of the program\n')
        self.write("src/report/b.cpp", 'const char* css = "--paper:#fff;color:var(--paper)"; auto s = format("--{}:{};");\n')
        self.write("src/report/c.cpp", 'const char* rule = "---|---:"; const char* dash = "a -- b";\n')
        self.write("apps/earmark/d.cpp", 'app.add_option("--jobs", jobs);\n')
        self.write("src/experiment/run/run_commands.cpp", 'append(words, {"--jobs", "1"});\n')
        self.assert_clean()

    def test_each_option_in_a_literal_is_caught(self):
        for literal in ('"--jobs {}: too many."', '"Give a smaller "\n    "--crop-frames."', '"\\"x\\" needs --part all"',
                        'R"(leave --resume out)"', '"--{} {}: give a number"', '"see `earmark tag --runs`"'):
            with self.subTest(literal):
                self.write("src/base/a.cpp", "// --no\nvoid f() { fail(" + literal + "); }\n")
                self.assert_caught("src/base/a.cpp:", "--")

    def test_empty_tree(self):
        self.assert_caught("no C++ file")


class Headers(Check):
    script = "check-headers"

    def header(self, body):
        self.write("include/earmark/thing.hpp", PUBLIC + "#include <string>\n\nnamespace earmark {\n\n" + body + "\n}\n")

    def test_documented_header_passes(self):
        self.header("""class Forward;

/// A thing.
class Thing {
  public:
    Thing();
    int size() const { return size_; }

  private:
    int size_ = 0;
};

/// Colours.
enum class Colour {
    red,  ///< as a rose
};

/// A function over
/// two lines of comment.
inline int twice(int value) {
    return 2 * value;
}
/// A constant.
inline constexpr int answer{42};
/// A template.
template <typename Type>
Type largest(Type left,
             Type right = Type());
/// An alias.
using Things = std::string;
""")
        self.assert_clean()

    def test_each_undocumented_declaration_is_caught(self):
        for declaration in ("class Thing {};", "struct Thing {\n    int size;\n};", "enum class Colour { red };",
                            "int twice(int value);", "inline int twice(int value) { return 2 * value; }",
                            "template <typename Type>\nType largest(Type left, Type right);",
                            "inline constexpr int answer = 42;", "using Things = int;",
                            "// two slashes are not enough\nint twice(int value);",
                            "int once(int value);  ///< behind\n"):
            with self.subTest(declaration):
                self.header("/// Fine.\nint fine();\n\n" + declaration + "\n\n/// Fine, too.\nint last();\n")
                self.assert_caught("thing.hpp:")

    def test_comment_of_an_earlier_declaration_does_not_count(self):
        self.header("/// Documented.\nint first();\nint second();\n")
        self.assert_caught("thing.hpp:11:", "int second()")

    def test_comment_inside_a_class_does_not_count_for_what_follows(self):
        self.header("/// Documented.\nclass First {\n    /// A member.\n    int member;\n};\nclass Second {};\n")
        self.assert_caught("class Second")

    def test_headers_for_c_are_read_too(self):
        opening = PUBLIC + '#ifdef __cplusplus\nextern "C" {\n#endif\n\n'
        closing = "\n#ifdef __cplusplus\n}\n#endif\n"
        documented = "/// A thing.\ntypedef struct thing thing;\n/// Codes.\ntypedef enum code {\n    OK = 0,  ///< fine\n} code;\n"
        self.write("include/earmark/thing.h", opening + documented + "/// Makes one.\nthing *make(void);\n" + closing)
        self.assert_clean()
        self.write("include/earmark/thing.h", opening + documented + "thing *make(void);\n" + closing)
        self.assert_caught("thing.h:", "make(void)")

    def test_missing_file_comment(self):
        self.write("include/earmark/thing.hpp", "#pragma once\n")
        self.assert_caught("thing.hpp:1:", "@file")

    def test_missing_pragma_once(self):
        self.write("include/earmark/thing.hpp", PUBLIC.replace("#pragma once", "// nothing"))
        self.assert_caught("thing.hpp:1:", "#pragma once")

    def test_no_headers_at_all(self):
        self.assert_caught("no public header")


@unittest.skipUnless(shutil.which("clang-format-14") or shutil.which("clang-format"), "clang-format is not installed")
class Format(Check):
    script = "check-format"

    def setUp(self):
        super().setUp()
        shutil.copy(ROOT / ".clang-format", self.tree)
        self.write("src/base/fine.cpp", "int main() {\n    return 0;\n}\n")

    def test_formatted_code_passes(self):
        self.assert_clean()

    def test_unformatted_code_is_caught(self):
        self.write("src/base/bad.hpp", "int  twice( int v );\n")
        self.assert_caught("src/base/bad.hpp:1:")

    def test_fix_formats(self):
        self.write("src/base/bad.hpp", "int  twice( int v );\n")
        subprocess.run([ROOT / "scripts" / "check-format", "--fix", self.tree], check=True, capture_output=True)
        self.assertEqual((self.tree / "src/base/bad.hpp").read_text(), "int twice(int v);\n")
        self.assert_clean()


class Shell(Check):
    script = "check-shell"

    def setUp(self):
        super().setUp()
        self.write("scripts/fine", "#!/usr/bin/env bash\necho \"$1\"\n")
        self.write("README", "no script: echo $1\n")

    @unittest.skipUnless(shutil.which("shellcheck"), "shellcheck is not installed")
    def test_bash(self):
        self.assert_clean()
        self.write("scripts/bad", "#!/usr/bin/env bash\ncd \"$1\"\nrm x\n")
        self.assert_caught("scripts/bad", "shellcheck")

    @unittest.skipUnless(shutil.which("zsh"), "zsh is not installed")
    def test_zsh(self):
        self.write("assets/bad.zsh", "_earmark() {\n    if true; then\n}\n")
        self.assert_caught("assets/bad.zsh", "zsh -n")

    @unittest.skipUnless(shutil.which("fish"), "fish is not installed")
    def test_fish(self):
        self.write("assets/bad.fish", "function f\n    if true\nend\n")
        self.assert_caught("assets/bad.fish", "fish")


def make_silence(file, tag, seconds=20):
    subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-y", "-f", "lavfi", "-i", "anullsrc=r=44100",
                    "-t", str(seconds), "-metadata", tag, file], check=True)


@unittest.skipUnless(shutil.which("ffmpeg"), "ffmpeg is not installed")
class SyntheticClips(unittest.TestCase):
    def test_clips_are_whole_audible_and_called_synthetic(self):
        outcome = subprocess.run([ROOT / "tests/clips/make", "--check"], capture_output=True, text=True, check=False)
        self.assertEqual(outcome.returncode, 0, outcome.stderr)

    def test_four_formats(self):
        suffixes = {path.suffix for path in (ROOT / "tests/clips").glob("synthetic-*")}
        self.assertEqual(suffixes, {".mp3", ".flac", ".ogg", ".m4a"})

    def test_silent_and_missing_clips_are_caught(self):
        with tempfile.TemporaryDirectory(prefix="earmark-clips-") as folder:
            tree = Path(folder)
            shutil.copytree(ROOT / "tests/clips", tree / "tests/clips")
            clip = tree / "tests/clips/synthetic-blues.mp3"
            make_silence(clip, "title=Synthetic")
            self.assert_caught(tree, "too quiet")
            clip.unlink()
            self.assert_caught(tree, "missing")

    def assert_caught(self, tree, word):
        checked = subprocess.run([tree / "tests/clips/make", "--check", "blues"], capture_output=True, text=True, check=False)
        self.assertNotEqual(checked.returncode, 0)
        self.assertIn(word, checked.stderr)


@unittest.skipUnless(shutil.which("ffmpeg"), "ffmpeg is not installed")
class DemoClips(unittest.TestCase):
    def setUp(self):
        holder = tempfile.TemporaryDirectory(prefix="earmark-samples-")
        self.addCleanup(holder.cleanup)
        self.tree = Path(holder.name)
        shutil.copytree(ROOT / "samples", self.tree / "samples")
        (self.tree / "scripts").mkdir()
        shutil.copy(ROOT / "scripts/samples", self.tree / "scripts")
        self.readme = self.tree / "samples/README.md"

    def assert_caught(self, *words):
        outcome = subprocess.run([self.tree / "scripts/samples", "--check"], capture_output=True, text=True, check=False)
        self.assertNotEqual(outcome.returncode, 0, outcome.stdout)
        for word in words:
            self.assertIn(word, outcome.stderr)

    def edit(self, old, new):
        text = self.readme.read_text(encoding="utf-8")
        self.assertIn(old, text)
        self.readme.write_text(text.replace(old, new), encoding="utf-8")

    def test_at_least_ten_in_five_formats_and_all_right(self):
        outcome = subprocess.run([ROOT / "scripts/samples", "--check"], capture_output=True, text=True, check=False)
        self.assertEqual(outcome.returncode, 0, outcome.stderr)
        suffixes = [path.suffix for path in (ROOT / "samples").iterdir() if path.suffix not in {".md", ".txt"}]
        self.assertGreaterEqual(len(suffixes), 10)
        self.assertEqual(set(suffixes), {".mp3", ".flac", ".ogg", ".m4a", ".opus"})

    def test_missing_clip_is_caught(self):
        (self.tree / "samples/sectoid-feelings.ogg").unlink()
        self.assert_caught("sectoid-feelings.ogg", "missing")

    def test_silent_and_short_clips_are_caught(self):
        clip = self.tree / "samples/k-pone-crushed-ice-cocktail.mp3"
        make_silence(clip, "title=Crushed Ice Cocktail")
        self.assert_caught("k-pone-crushed-ice-cocktail.mp3", "too quiet")
        make_silence(clip, "title=Crushed Ice Cocktail", seconds=9)
        self.assert_caught("k-pone-crushed-ice-cocktail.mp3", "lasts 9.")

    def test_wrong_codec_and_genre_tag_are_caught(self):
        clip = self.tree / "samples/sectoid-feelings.ogg"
        tagged = self.tree / "tagged.ogg"
        copy = ["ffmpeg", "-nostdin", "-v", "error", "-y", "-i", clip, "-c", "copy"]
        subprocess.run([*copy, "-metadata:s:a", "genre=Rock", tagged], check=True)
        tagged.replace(clip)
        self.assert_caught("sectoid-feelings.ogg", "genre tag")
        shutil.copy(self.tree / "samples/k-pone-island-dreams.opus", clip)
        self.assert_caught("sectoid-feelings.ogg", "holds opus")

    def test_file_that_is_not_listed_is_caught(self):
        shutil.copy(self.tree / "samples/sectoid-feelings.ogg", self.tree / "samples/another.ogg")
        self.assert_caught("another.ogg")

    def test_table_must_name_each_clip_its_author_and_its_licence(self):
        self.edit("| Sectoid (", "| Somebody (")
        self.assert_caught("sectoid-feelings.ogg", "Sectoid")
        self.edit("| Somebody (", "| Sectoid (")
        self.edit("fretsonfire-songs-sectoid | [MIT](../LICENSE) |", "fretsonfire-songs-sectoid | free |")
        self.assert_caught("sectoid-feelings.ogg", "MIT")
        self.edit("| `sectoid-feelings.ogg` |", "| `something-else.ogg` |")
        self.assert_caught("no row for sectoid-feelings.ogg")


if __name__ == "__main__":
    unittest.main()
