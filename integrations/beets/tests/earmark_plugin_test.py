"""The plugin as users meet it: a real `beet`, a library of its own, the real `earmark`, and the demo clips as music.

    python3 -m pytest integrations/beets/tests

EARMARK names the earmark to ask (default build/release/bin/earmark), EARMARK_BEET the beet to run (default: the one
beside this Python, else the one on the PATH).
"""

import functools
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tests/interop"))
import made_tagger  # noqa: E402

EARMARK = os.environ.get("EARMARK", str(ROOT / "build/release/bin/earmark"))
BESIDE = Path(sys.executable).with_name("beet")
BEET = os.environ.get("EARMARK_BEET") or (str(BESIDE) if BESIDE.exists() else shutil.which("beet"))

if BEET is None:
    pytest.skip("beets is not installed (Debian package: beets; scripts/setup installs it)", allow_module_level=True)
if not os.access(EARMARK, os.X_OK):
    pytest.skip(f"{EARMARK} is not built", allow_module_level=True)

SAMPLES = sorted((ROOT / "tests" / "clips").glob("synthetic-*"))


@pytest.fixture(scope="session")
def clips(tmp_path_factory):
    """The demo clips without genres, as tags of two albums."""
    folder = tmp_path_factory.mktemp("clips")
    for number, sample in enumerate(SAMPLES):
        album = "One" if number < 5 else "Two"
        target = folder / album / sample.name
        target.parent.mkdir(exist_ok=True)
        subprocess.run(["ffmpeg", "-v", "error", "-i", sample, "-c", "copy", "-map_metadata", "-1",
                        *(f for key, value in {"title": sample.stem, "artist": "Nobody", "album": album,
                                               "track": number + 1}.items() for f in ("-metadata", f"{key}={value}")),
                        target], check=True)
    return folder


@pytest.fixture(scope="session")
def predictions():
    """What Earmark says of the clips, by title."""
    done = subprocess.run([EARMARK, "classify", "--format", "json", *SAMPLES], capture_output=True, check=True)
    return {Path(line["path"]).stem: line for line in map(json.loads, done.stdout.splitlines())}


def named(label):
    return "Hip-Hop" if label == "hiphop" else label.capitalize()


class Library:
    """A beets library in a folder of its own."""

    def __init__(self, folder, clips):
        self.folder = folder
        self.music = folder / "music"
        shutil.copytree(clips, self.music)
        self.configure()

    def configure(self, plugins="earmark", write=True, **earmark):
        options = {"command": EARMARK, "auto": False, **earmark}
        (self.folder / "config.yaml").write_text(json.dumps({  # JSON is YAML, too
            "directory": str(self.music), "library": str(self.folder / "library.db"), "plugins": plugins.split(),
            "pluginpath": [str(ROOT / "integrations/beets/beetsplug")], "threaded": False,
            "import": {"copy": False, "write": write, "autotag": False, "resume": False,
                       "duplicate_action": "keep"}, "earmark": options}))

    def beet(self, *words, status=0):
        environment = {**os.environ, "BEETSDIR": str(self.folder), "HOME": str(self.folder), "PYTHONDONTWRITEBYTECODE": "1"}
        done = subprocess.run([BEET, *map(str, words)], env=environment, capture_output=True, stdin=subprocess.DEVNULL,
                              timeout=120)
        messages = done.stderr.decode("utf-8", "replace")
        if words[0] in ("earmark", "import"):
            self.messages = messages
        assert done.returncode == status, (words, done.stdout, messages)
        return done.stdout.decode("utf-8", "surrogateescape")

    def add(self, *options):
        self.beet("import", "--quiet", *options, self.music)
        return self

    def rows(self, *query):
        """Title, genre and probability of each song."""
        template = f"$title|${genre_field()}|$earmark_probability"
        return [line.split("|") for line in self.beet("ls", "-f", template, *query).splitlines()]

    def genres(self, *query):
        return {title: genre for title, genre, _ in self.rows(*query)}

    def written_moods(self):
        """The moods in the files, by title, as `earmark` reads them."""
        index = self.folder / "moods.sqlite"
        subprocess.run([EARMARK, "scan", "--quiet", "--excerpts", "1", "--index", index, self.music], check=True)
        done = subprocess.run([EARMARK, "list", "--index", index, "--format", "json"], capture_output=True, check=True)
        return {Path(line["path"]).stem: line["tags"]["moods"] for line in map(json.loads, done.stdout.splitlines())}

    def written(self):
        """The genres in the files, by title."""
        found = {}
        for file in sorted(self.music.rglob("synthetic-*")):
            done = subprocess.run(["ffprobe", "-v", "error", "-show_entries", "format_tags:stream_tags", "-of", "json", file],
                                  capture_output=True, check=True)
            probed = json.loads(done.stdout)
            tags = {**probed.get("format", {}).get("tags", {}), **probed["streams"][0].get("tags", {})}
            found[file.stem] = next((value for key, value in tags.items() if key.lower() == "genre"), "")
        return found


@functools.lru_cache()
def genre_field():
    """`genre` in beets 1, `genres` in beets that have a list of them."""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run([BEET, "fields"], capture_output=True, text=True, check=True,
                              env={**os.environ, "BEETSDIR": folder, "HOME": folder})
    return "genres" if "genres" in done.stdout.split() else "genre"


@pytest.fixture
def library(tmp_path, clips):
    return Library(tmp_path, clips)


def test_gives_genres_above_the_threshold_and_writes_them(library, predictions):
    library.add()
    library.beet("earmark")
    expected = {title: "" if prediction["uncertain"] else named(prediction["genre"]) for title, prediction in predictions.items()}
    assert "" in expected.values() and len(set(expected.values())) > 2, "the clips must be of both sorts"
    assert library.genres() == expected
    assert library.written() == expected
    for title, _, probability in library.rows():
        assert float(probability) == pytest.approx(predictions[title]["probability"], abs=6e-4)
    unsure = sum(not genre for genre in expected.values())
    assert f"{10 - unsure} got a genre, {unsure} left without: uncertain" in library.messages


def test_probability_is_a_number_to_queries(library, predictions):
    library.add()
    library.beet("earmark")
    sure = {title for title, prediction in predictions.items() if prediction["probability"] >= 0.65}
    assert 0 < len(sure) < 10
    assert set(library.genres("earmark_probability:0.65..")) == sure


def test_pretends(library):
    library.add()
    output = library.beet("earmark", "--pretend")
    assert "genre" in output
    assert "would get a genre" in library.messages
    assert set(library.genres().values()) == {""}
    assert set(library.written().values()) == {""}


def test_query_and_nowrite(library, predictions):
    library.add()
    library.beet("earmark", "-W", "-t", "0", "title:synthetic-jazz")
    assert {title for title, genre in library.genres().items() if genre} == {"synthetic-jazz"}
    assert set(library.written().values()) == {""}
    library.configure(write=False)
    library.beet("earmark", "-t", "0", "title:synthetic-pop")
    assert set(library.written().values()) == {""}
    library.beet("earmark", "-w", "-t", "0", "title:synthetic-rock")
    assert library.written()["synthetic-rock"] == named(predictions["synthetic-rock"]["genre"])


def test_keeps_genres_unless_forced(library, predictions):
    library.add()
    library.beet("modify", "-y", "-W", "title:synthetic-jazz", f"{genre_field()}=Bebop")
    library.beet("earmark", "-t", "0")
    assert library.genres()["synthetic-jazz"] == "Bebop"
    assert "1 kept theirs" in library.messages
    library.beet("earmark", "-t", "0", "-f")
    assert library.genres()["synthetic-jazz"] == named(predictions["synthetic-jazz"]["genre"])


def test_uncertain_tracks_are_analyzed_again_only_when_asked(library):
    library.add()
    library.beet("earmark", "-t", "1")
    assert "0 got a genre, 10 left without" in library.messages
    library.configure(command="/nonexistent/earmark")  # would fail if anything were analyzed
    library.beet("earmark", "-t", "1")
    assert "10 left without" in library.messages
    library.configure()
    library.beet("earmark", "-t", "0")
    assert "10 got a genre" in library.messages, "a lower threshold reaches them"
    library.beet("modify", "-y", "-W", "title:synthetic-jazz", f"{genre_field()}=")
    library.beet("earmark")
    assert "0 got a genre" in library.messages
    library.beet("earmark", "--retry", "-t", "0")
    assert "1 got a genre" in library.messages


def test_several_genres_under_configured_names(library, predictions):
    best = predictions["synthetic-blues"]["genre"]
    library.configure(genres={best: "My Genre"}, count=2, further=0.0, separator="; ")
    library.add()
    library.beet("earmark", "-t", "0", "title:synthetic-blues")
    ranking = sorted(predictions["synthetic-blues"]["probabilities"].items(), key=lambda each: -each[1])
    assert library.genres()["synthetic-blues"] == f"My Genre; {named(ranking[1][0])}"
    library.beet("earmark", "-t", "0", "--top", "1", "title:synthetic-pop")
    assert ";" not in library.genres()["synthetic-pop"]
    library.configure(genres={best: None})
    library.beet("earmark", "-f", "-t", "0", "title:synthetic-blues")
    assert "0 got a genre" in library.messages, "a genre without a name is never given"


def test_album_gets_the_mean_of_its_tracks(library, predictions):
    library.add()
    library.beet("modify", "-y", "-W", "title:synthetic-blues", f"{genre_field()}=Delta Blues")
    tracks = [predictions[sample.stem] for sample in SAMPLES[:5]]
    mean = {label: sum(track["probabilities"][label] for track in tracks) / 5 for label in tracks[0]["probabilities"]}
    best = max(mean, key=mean.get)
    library.beet("earmark", "-a", "-t", "0", "album:One")
    albums = library.beet("ls", "-a", "-f", f"$album|${genre_field()}|$earmark_probability").splitlines()
    assert sorted(albums)[0] == f"One|{named(best)}|{mean[best]:.3f}"
    assert sorted(albums)[1].startswith("Two||")
    genres = library.genres()
    assert genres.pop("synthetic-blues") == "Delta Blues", "a track keeps its own genre"
    assert {genres[sample.stem] for sample in SAMPLES[1:5]} == {named(best)}
    assert {genres[sample.stem] for sample in SAMPLES[5:]} == {""}
    assert library.written()["synthetic-disco"] == named(best)
    library.beet("earmark", "-a", "-f", "-t", "0", "album:One")
    assert library.genres()["synthetic-blues"] == named(best)


def test_an_unsure_album_is_left_alone(library):
    library.add()
    library.beet("earmark", "-a", "-t", "1")
    assert "0 got a genre, 2 left without" in library.messages
    assert set(library.genres().values()) == {""}


@pytest.mark.parametrize("source", ["track", "album"])
def test_analyzes_on_import(library, predictions, source):
    library.configure(auto=True, threshold=0, source=source)
    library.add()
    genres = library.genres()
    if source == "track":
        assert genres == {title: named(prediction["genre"]) for title, prediction in predictions.items()}
    else:
        assert len({genres[sample.stem] for sample in SAMPLES[:5]}) == 1
        assert "" not in genres.values()
    # Beets writes files on import where it took their tags from a source; what came as it is, `beet write` writes.
    library.beet("write")
    assert library.written() == genres
    albums = library.beet("ls", "-a", "-f", f"${genre_field()}").splitlines()
    assert len(albums) == 2 and all(albums)


def test_analyzes_singletons_on_import_and_can_be_switched_off(library, tmp_path, clips):
    library.configure(auto=True, threshold=0)
    library.add("--singletons")
    assert "" not in library.genres().values()
    (tmp_path / "off").mkdir()
    silent = Library(tmp_path / "off", clips).add()
    assert set(silent.genres().values()) == {""}


def test_import_goes_on_without_earmark(library):
    library.configure(auto=True, command="/nonexistent/earmark")
    library.add()
    assert "'/nonexistent/earmark' cannot be started" in library.messages
    assert len(library.genres()) == 10


def test_says_what_failed_and_does_the_rest(library):
    library.add()
    (library.music / "Two" / "synthetic-pop.m4a").write_bytes(b"")
    (library.music / "One" / "synthetic-blues.mp3").unlink()
    library.beet("earmark", "-t", "0", status=1)
    assert "synthetic-pop.m4a" in library.messages
    assert "synthetic-blues.mp3: no such file" in library.messages
    assert "8 got a genre, 2 failed" in library.messages
    assert {title for title, genre in library.genres().items() if not genre} == {"synthetic-pop", "synthetic-blues"}


def test_names_the_missing_command_and_the_cure(library):
    library.add()
    library.configure(command="/nonexistent/earmark")
    library.beet("earmark", status=1)
    assert "'/nonexistent/earmark' cannot be started" in library.messages
    assert "config.yaml" in library.messages and "Traceback" not in library.messages
    library.configure(model="no-such-model")
    library.beet("earmark", status=1)
    assert "no-such-model" in library.messages and "Traceback" not in library.messages
    library.configure()
    for wrong in (["-t", "1.5"], ["--top", "0"]):
        library.beet("earmark", *wrong, status=1)
        assert "Traceback" not in library.messages


def test_odd_names(library):
    for number, name in enumerate([b"-dash.mp3", b"new\nline.mp3", b"caf\xe9.mp3", "emoji 🎵 {0}.mp3".encode()]):
        folder = os.fsencode(library.music / "Odd")
        os.makedirs(folder, exist_ok=True)
        shutil.copy(library.music / "One" / "synthetic-hiphop.mp3", os.path.join(folder, name))
    library.add()
    library.beet("earmark", "-t", "0")
    assert "14 got a genre" in library.messages
    assert len({genre for title, genre, _ in library.rows("title:synthetic-hiphop")}) == 1


def test_asks_in_several_calls_when_there_are_many_files(library, tmp_path):
    """A stand-in counts the calls; real files would take minutes."""
    log = tmp_path / "calls"
    stand_in = tmp_path / "stand-in"
    stand_in.write_text(f"""#!{sys.executable}
import json, sys
files = [word for word in sys.argv[1:] if word.startswith("/")]
open({str(log)!r}, "a").write(f"{{len(files)}}\\n")
for file in files:
    print(json.dumps({{"path": file, "genre": "rock", "probability": 0.9, "uncertain": False,
                       "probabilities": {{"rock": 0.9, "pop": 0.1}}}}), flush=True)
    if {str(tmp_path / "die")!r} in sys.argv: sys.exit("out of luck")
""")
    stand_in.chmod(0o755)
    clip = library.music / "One" / "synthetic-hiphop.mp3"
    for number in range(250):
        os.link(clip, library.music / "Two" / f"copy {number}.mp3")
    library.configure(command=str(stand_in))
    library.add("--singletons")
    library.beet("earmark", "-W")
    assert log.read_text().split() == ["200", "60"]
    assert "260 got a genre" in library.messages
    # What a call that ends early had said stands, and the rest is said to have failed.
    library.configure(command=f"{stand_in} {tmp_path / 'die'}")
    library.beet("earmark", "-W", "-f", status=1)
    assert "2 got a genre, 258 failed" in library.messages
    assert "was not analyzed: out of luck" in library.messages

def test_gives_moods_and_tags(library, tmp_path):
    tagger = tmp_path / "tagger.safetensors"
    made_tagger.make(tagger)
    library.configure(tag_models=[str(tagger)], mood_names={"ünruhig": ""})
    library.add()
    library.beet("earmark", "-w")
    for line in library.beet("ls", "-f", "$moods|$earmark_tags").splitlines():
        moods, tags = line.split("|")
        assert sorted(moods.split("; ")) == ["Happy", "Sad"]
        assert {"happy", "polka", "piano", "female vocalists"} <= set(tags.split("; "))
    assert len(library.beet("ls", "moods:happy").splitlines()) == len(SAMPLES)
    assert not library.beet("ls", "moods:angry").splitlines()
    found = library.written_moods()
    assert len(found) == len(SAMPLES) and all(sorted(moods) == ["Happy", "Sad"] for moods in found.values())
    # A second run has nothing to do, and moods that a track has are kept.
    library.beet("modify", "-y", "moods=Calm", "title:synthetic-jazz")
    library.beet("earmark")
    assert library.beet("ls", "-f", "$moods", "title:synthetic-jazz").strip() == "Calm"
