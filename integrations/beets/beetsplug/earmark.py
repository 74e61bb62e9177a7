"""Fills in genres, moods and tags: Earmark analyzes the tracks that have none. README.md describes commands and options."""

import functools
import json
import os
import shlex
import subprocess
import tempfile

import mediafile
from beets import config, library, ui, util
from beets.dbcore import types
from beets.plugins import BeetsPlugin

# beets 2 has a list of genres where beets 1 has a text.
GENRE_FIELD = "genres" if "genres" in library.Item._fields else "genre"

MOODS_FIELD = "moods"
SEPARATOR = "; "  # between words in one field

# The length of a command line is limited: Linux allows 2 MB for all of it, others 256 kB.
FILES_A_CALL = 200
BYTES_A_CALL = 100_000


class EarmarkError(Exception):
    """Earmark cannot be run: it is missing, or refuses its options or its model."""


class MoodField(mediafile.ListMediaField):
    """The moods of a file as one text, "Happy; Calm": beets 1 keeps no lists. In files each is a value of its own, where
    Picard has it, and Earmark's own `tag`."""

    def __init__(self):
        super().__init__(mediafile.MP3ListStorageStyle("TMOO"), mediafile.MP4ListStorageStyle("----:com.apple.iTunes:MOOD"),
                         mediafile.ListStorageStyle("MOOD"), mediafile.ASFStorageStyle("WM/Mood"))

    def __get__(self, file, owner=None):
        return SEPARATOR.join(super().__get__(file, owner) or [])

    def __set__(self, file, value):
        super().__set__(file, [mood.strip() for mood in (value or "").split(SEPARATOR.strip()) if mood.strip()])


class Prediction:
    """A probability for each label, whether the highest is below the model's threshold, and the tags that hold."""

    def __init__(self, probabilities, uncertain, tags=(), not_music=None):
        self.probabilities = probabilities
        self.uncertain = uncertain
        self.tags = tags  # as `classify` has them: label, group, probability
        self.not_music = not_music

    @property
    def probability(self):
        return max(self.probabilities.values())

    def ranking(self):
        return sorted(self.probabilities, key=self.probabilities.get, reverse=True)


class Earmark:
    """The `earmark` command."""

    def __init__(self, command, model, tag_models, excerpts, jobs):
        self.tag_models = [os.path.expanduser(each) for each in tag_models]
        self.command = [os.path.expanduser(word) for word in shlex.split(command)]
        self.model = os.path.expanduser(model) if model else None
        self.options = ["--excerpts", str(excerpts), "--jobs", str(jobs)]

    def analyze(self, paths):
        """Yields (path, Prediction or None, message or None) for each path, in order, as soon as it is analyzed."""
        for some in calls(paths):
            yield from self._analyze(some)

    @functools.cached_property
    def threshold(self):
        """The model's threshold; 0 for one that is not calibrated."""
        with self._start(["model", *([self.model] if self.model else []), "--format", "json"]) as process:
            output, errors = process.communicate()
        if process.returncode != 0:
            raise EarmarkError(last_line(errors) or f"earmark ended with status {process.returncode}")
        return (json.loads(output).get("calibration") or {}).get("threshold") or 0.0

    def _start(self, arguments, errors=subprocess.PIPE):
        try:
            return subprocess.Popen([*self.command, *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                    stderr=errors)
        except OSError as error:
            raise EarmarkError(
                f"the command {self.command[0]!r} cannot be started ({error.strerror}). Build or install Earmark, and "
                f"say where it is with `command:` in the section `earmark:` of {config.user_config_path()}"
            ) from error

    def _analyze(self, paths):
        arguments = ["classify", "--format", "json", "--quiet", *self.options]
        if self.model or self.tag_models:
            arguments += ["--model", self.model or "default"]
        for each in self.tag_models:
            arguments += ["--model", each]
        if self.tag_models:
            arguments.append("--precise")
        analyzed = 0
        with tempfile.TemporaryFile() as errors:  # an unread pipe would fill up and block the process
            process = self._start([*arguments, *paths], errors)
            try:
                # One line a file, in the order of the files.
                for line in process.stdout:
                    yield (paths[analyzed], *prediction_of(json.loads(line)))
                    analyzed += 1
                status = process.wait()
            finally:
                process.stdout.close()
                if process.poll() is None:
                    process.terminate()
                    process.wait()
            errors.seek(0)
            message = last_line(errors.read()) or f"earmark ended with status {status}"
        if analyzed == 0:
            raise EarmarkError(message)
        for path in paths[analyzed:]:
            yield path, None, f"{util.displayable_path(path)}: was not analyzed: {message}"


def calls(paths):
    """Splits the files into lists that fit a command line."""
    some, size = [], 0
    for path in paths:
        if some and (len(some) == FILES_A_CALL or size + len(path) > BYTES_A_CALL):
            yield some
            some, size = [], 0
        some.append(path)
        size += len(path) + 1
    if some:
        yield some


def prediction_of(line):
    if "error" in line:
        return None, line["error"]["message"]
    tags = {}
    for model in [line, *line.get("models", {}).values()]:
        for tag in model.get("tags", []):
            known = tags.get(tag["label"].casefold())
            if known is None or known["probability"] < tag["probability"]:
                tags[tag["label"].casefold()] = tag
    tags = sorted(tags.values(), key=lambda tag: -tag["probability"])
    return Prediction(line["probabilities"], line["uncertain"], tags, line.get("not_music")), None


def last_line(output):
    lines = output.decode("utf-8", "replace").strip().splitlines()
    return lines[-1] if lines else ""


def mean_of(predictions, threshold):
    """The prediction for an album: the mean of its tracks."""
    labels = predictions[0].probabilities
    mean = Prediction({label: sum(each.probabilities[label] for each in predictions) / len(predictions) for label in labels}, False)
    mean.uncertain = mean.probability < threshold
    return mean


class EarmarkPlugin(BeetsPlugin):
    def __init__(self):
        super().__init__()
        self.config.add({
            "auto": True,
            "command": "earmark",
            "model": None,
            "tag_models": [],
            "excerpts": 0,
            "jobs": 0,
            "threshold": None,
            "force": False,
            "retry": False,
            "count": 1,
            "further": 0.2,
            "genres": {},
            "separator": ", ",
            "probability_field": "earmark_probability",
            "moods": 5,
            "mood_names": {},
            "tags_field": "earmark_tags",
            "source": "track",
        })
        self.field = self.config["probability_field"].as_str()
        tags_field = self.config["tags_field"].as_str()
        self.item_types = {self.field: types.Float(3), MOODS_FIELD: types.STRING, tags_field: types.STRING}
        self.album_types = {self.field: types.Float(3)}
        self.add_media_field(MOODS_FIELD, MoodField())
        if self.config["auto"].get(bool):
            self.import_stages = [self.imported]

    # What beets calls.

    def commands(self):
        command = ui.Subcommand("earmark", help="predict the genres of tracks")
        parser = command.parser
        parser.add_option("-p", "--pretend", action="store_true", help="show what would change, and change nothing")
        parser.add_option("-f", "--force", action="store_true", help="replace genres that tracks have")
        parser.add_option("-r", "--retry", action="store_true", help="analyze uncertain tracks again")
        parser.add_option("-t", "--threshold", type="float", metavar="P",
                          help="required probability, 0 to 1 (default: the model's threshold)")
        parser.add_option("--top", type="int", dest="count", metavar="N", help="up to N genres for each track")
        parser.add_option("-a", "--album", action="store_true", dest="albums",
                          help="match albums, and give all tracks of each the same genre")
        parser.add_option("-w", "--write", action="store_true", dest="write", help="write the genres into the files")
        parser.add_option("-W", "--nowrite", action="store_false", dest="write", help="do not write them")

        def run(lib, options, arguments):
            chosen = {name: getattr(options, name) for name in ("force", "retry", "threshold", "count")}
            self.config.set_args({name: value for name, value in chosen.items() if value is not None})
            work = self._work(pretend=bool(options.pretend), write=ui.should_write(options.write))
            try:
                if options.albums:
                    work.albums((album, list(album.items())) for album in lib.albums(arguments))
                else:
                    work.items(lib.items(arguments))
            except EarmarkError as error:
                raise ui.UserError(str(error)) from error
            self._log.info("{0}", work.summary())
            if work.failed:
                raise ui.UserError(f"{work.failed} could not be done")

        command.func = run
        return [command]

    def imported(self, session, task):
        """Import stage. Tags are written after it, as `import.write` says."""
        work = self._work(show=False)
        album = task.album if task.is_album else None
        try:
            if album is not None and self.config["source"].as_choice(["track", "album"]) == "album":
                work.albums([(album, task.imported_items())])
            else:
                analyzed = work.items(task.imported_items())
                if album is not None:
                    work.album_of(album, analyzed)
        except EarmarkError as error:
            self._log.warning("{0}", str(error))

    def _work(self, **how):
        return Work(self.config, self._log, self.field, **how)


class Work:
    """Gives genres to items and albums, and counts the outcomes."""

    def __init__(self, options, log, field, pretend=False, write=False, show=True):
        self.log = log
        self.field = field
        self.pretend = pretend
        self.write = write and not pretend
        self.show = show
        self.force = options["force"].get(bool)
        self.retry = options["retry"].get(bool)
        self.further = options["further"].as_number()
        self.count = options["count"].get(int)
        self.separator = options["separator"].as_str()
        self.tags_field = options["tags_field"].as_str()
        self.moods = options["moods"].get(int)
        self.mood_names = {str(label): name for label, name in options["mood_names"].get(dict).items()}
        self.names = {str(label): name for label, name in options["genres"].get(dict).items()}
        self.threshold = options["threshold"].get()
        if self.threshold is not None:
            self.threshold = options["threshold"].as_number()
            if not 0 <= self.threshold <= 1:
                raise ui.UserError(f"earmark.threshold is a probability, 0 to 1, not {self.threshold}")
        if self.count < 1:
            raise ui.UserError(f"earmark.count must be at least 1, not {self.count}")
        model = options["model"].get()
        self.earmark = Earmark(options["command"].as_str(), model and str(model), options["tag_models"].as_str_seq(),
                               options["excerpts"].get(int), options["jobs"].get(int))
        self.given = self.kept = self.unsure = self.not_music = self.failed = 0

    def summary(self):
        parts = [f"{self.given} {'would get' if self.pretend else 'got'} a genre"]
        if self.kept:
            parts.append(f"{self.kept} kept theirs")
        if self.unsure:
            parts.append(f"{self.unsure} left without: uncertain")
        if self.not_music:
            parts.append(f"{self.not_music} left without: no music")
        if self.failed:
            parts.append(f"{self.failed} failed")
        return ", ".join(parts)

    def items(self, items):
        """Gives each item that is to have one a genre of its own. Returns the predictions of those that were analyzed."""
        predictions = []
        for item, prediction in self._analyze([item for item in items if self._wanted(item)]):
            predictions.append(prediction)
            tagged = self._set_tags(item, prediction)
            if has_genre(item) and not self.force:
                self._finish(item, tagged, count=False)
                continue
            genres = self._genres(prediction)
            item[self.field] = prediction.probability
            if genres:
                self._set_genres(item, genres)
            elif prediction.not_music:
                self.not_music += 1
            else:
                self.unsure += 1
            self._finish(item, bool(genres) or tagged, count=bool(genres))
        return predictions

    def albums(self, albums):
        """Gives each album, and its tracks, the genre that is most probable in the mean of the tracks."""
        for album, tracks in albums:
            if not self._wanted(album):
                continue
            analyzed = []
            for track, prediction in self._analyze(tracks):
                analyzed.append(prediction)
                if self._set_tags(track, prediction):
                    self._finish(track, True, count=False)
            if not self.album_of(album, analyzed, count=True):
                continue
            for track in tracks:
                if self.force or not has_genre(track):
                    self._set_genres(track, album[GENRE_FIELD])
                    self._finish(track, True, count=False)

    def album_of(self, album, predictions, count=False):
        """Gives an album a genre from the predictions of its tracks, and leaves the tracks alone. Returns whether it got one."""
        predictions = [prediction for prediction in predictions if not prediction.not_music]
        if not predictions or (has_genre(album) and not self.force):
            return False
        needed = self.earmark.threshold if self.threshold is None else self.threshold
        mean = mean_of(predictions, needed)
        genres = self._genres(mean)
        album[self.field] = mean.probability
        if genres:
            self._set_genres(album, genres)
        elif count:
            self.unsure += 1
        self._finish(album, bool(genres), count)
        return bool(genres)

    def _wanted(self, thing):
        """Whether to analyze an item or album."""
        if self.force:
            return True
        tracks = isinstance(thing, library.Item)
        if tracks and self.earmark.tag_models and own(thing, self.tags_field) is None:
            return True
        if has_genre(thing):
            self.kept += 1
            return False
        before = own(thing, self.field)
        if before is None or self.retry or (self.threshold is not None and before >= self.threshold):
            return True
        self.unsure += 1  # and will be again
        return False

    def _analyze(self, items):
        """Yields (item, Prediction) for each that can be analyzed, and reports the others."""
        by_path = {}
        for item in items:
            by_path.setdefault(util.bytestring_path(item.path), []).append(item)
        for path, prediction, message in self.earmark.analyze(list(by_path)):
            for item in by_path[path]:
                if prediction is None:
                    self.failed += 1
                    self.log.error("{0}", message)
                else:
                    yield item, prediction

    def _genres(self, prediction):
        """The names of the genres that a prediction gives: none if it is uncertain, if its best has no name, or of no music."""
        if prediction.not_music:
            return []
        if prediction.uncertain if self.threshold is None else prediction.probability < self.threshold:
            return []
        genres = []
        for label in prediction.ranking():
            name = self._name(label)
            if not genres and not name:
                return []
            if len(genres) == self.count or (genres and prediction.probabilities[label] < self.further):
                break
            if name and name not in genres:
                genres.append(name)
        return genres

    def _name(self, label):
        if label in self.names:
            return self.names[label]
        return "Hip-Hop" if label == "hiphop" else label[:1].upper() + label[1:]

    def _set_tags(self, item, prediction):
        """Gives an item the tags that hold, and moods unless it has some. Returns whether there is something new to write."""
        if not self.earmark.tag_models:
            return False
        music = [] if prediction.not_music else prediction.tags
        item[self.tags_field] = SEPARATOR.join(tag["label"] for tag in music)
        moods = []
        for tag in music:
            name = self._mood(tag["label"]) if tag["group"] == "mood" else None
            if name and name not in moods and len(moods) < self.moods:
                moods.append(name)
        if not moods or (own(item, MOODS_FIELD) and not self.force):
            return False
        item[MOODS_FIELD] = SEPARATOR.join(moods)
        return True

    def _mood(self, label):
        if label in self.mood_names:
            return self.mood_names[label]
        name = label[:-len(" music")] if label.endswith(" music") and label != " music" else label
        return name[:1].upper() + name[1:]

    def _set_genres(self, thing, genres):
        if GENRE_FIELD == "genres" or isinstance(genres, str):
            thing[GENRE_FIELD] = genres
        else:
            thing[GENRE_FIELD] = self.separator.join(genres)

    def _finish(self, thing, has_new, count=True):
        """Shows what changed, stores it, and writes it into the file."""
        if has_new:
            if self.show:
                ui.show_model_changes(thing, fields=[GENRE_FIELD, self.field, MOODS_FIELD])
            self.given += count
        if self.pretend:
            return
        if isinstance(thing, library.Album):
            # As Album.store, but for what that does to tracks that have a genre of their own.
            super(library.Album, thing).store()
            return
        if has_new and self.write and not thing.try_write():
            self.failed += 1
        thing.store()


def own(thing, field):
    """A flexible field of an item's own, not of its album; None when there is none."""
    if isinstance(thing, library.Item):
        return thing.get(field, None, with_album=False)
    return thing.get(field)


def has_genre(thing):
    return bool(own(thing, GENRE_FIELD))
