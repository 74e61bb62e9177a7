"""Files of every format with tags and a picture, made with ffmpeg and mutagen, and what other programs read of them."""

import base64
import hashlib
import json
import os
import subprocess

import mediafile
import mutagen
import mutagen.aiff
import mutagen.apev2
import mutagen.asf
import mutagen.flac
import mutagen.id3
import mutagen.mp4
import mutagen.wave

# Names of files, and ffmpeg's options for their sound.
FORMATS = {
    "id3v23.mp3": ["-c:a", "libmp3lame", "-b:a", "96k"],
    "id3v24.mp3": ["-c:a", "libmp3lame", "-b:a", "96k"],
    "id3v23-and-v1.mp3": ["-c:a", "libmp3lame", "-b:a", "96k"],
    "id3v24-and-v1.mp3": ["-c:a", "libmp3lame", "-b:a", "96k"],
    "id3v24-and-ape.mp3": ["-c:a", "libmp3lame", "-b:a", "96k"],
    "untagged.mp3": ["-c:a", "libmp3lame", "-b:a", "96k"],
    "tagged.flac": [],
    "untagged.flac": [],
    "vorbis.ogg": ["-c:a", "libvorbis"],
    "tagged.opus": ["-c:a", "libopus"],
    "aac.m4a": ["-c:a", "aac"],
    "alac.m4a": ["-c:a", "alac"],
    "faststart.m4a": ["-c:a", "aac", "-movflags", "+faststart"],
    "id3.wav": [],
    "info.wav": ["-metadata", "title=Odd", "-metadata", "artist=Somebody"],
    "tagged.aiff": [],
    "tagged.wv": ["-c:a", "wavpack"],
    "tagged.wma": ["-c:a", "wmav2"],
}
PICTURE = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==")
ODD = "Ünï “cödé” / 50 % = ; ½"


def run(*words):
    done = subprocess.run([str(word) for word in words], capture_output=True, check=False)
    if done.returncode != 0:
        raise AssertionError(f"{words[0]}: {done.stderr.decode(errors='replace')}")
    return done.stdout


def make(file, source):
    """Makes the file of a name in FORMATS of eight seconds of another."""
    run("ffmpeg", "-v", "error", "-y", "-t", "8", "-i", source, "-map", "0:a", "-map_metadata", "-1", "-fflags", "+bitexact",
        *FORMATS[file.name], file)
    if file.name.startswith("untagged"):
        opened = mutagen.File(file)
        opened.delete()
    elif file.name != "info.wav":
        tag(file)


def id3_frames():
    return [mutagen.id3.TIT2(encoding=1, text="Odd " + ODD), mutagen.id3.TPE1(encoding=1, text=["One", "Two"]),
            mutagen.id3.TALB(encoding=1, text="An album"), mutagen.id3.TRCK(encoding=0, text="3/12"),
            mutagen.id3.TXXX(encoding=1, desc="odd", text=ODD), mutagen.id3.PRIV(owner="odd", data=b"\0\1\2\xff"),
            mutagen.id3.COMM(encoding=1, lang="deu", desc="wie", text="so"),
            mutagen.id3.POPM(email="me@example.org", rating=196, count=7),
            mutagen.id3.UFID(owner="http://musicbrainz.org", data=b"1234"),
            mutagen.id3.APIC(encoding=0, mime="image/png", type=3, desc="", data=PICTURE)]


def flac_picture():
    picture = mutagen.flac.Picture()
    picture.type, picture.mime, picture.data = 3, "image/png", PICTURE
    return picture


def tag(file):
    opened = mutagen.File(file)
    if opened.tags is None:
        opened.add_tags()
    tags = opened.tags
    if isinstance(tags, mutagen.id3.ID3):
        for frame in id3_frames():
            tags.add(frame)
        version = 3 if "id3v23" in file.name else 4
        if version == 3:
            tags.update_to_v23()
        options = {"v2_version": version}
        if file.suffix == ".mp3":
            options["v1"] = 2 if "v1" in file.name.split("-") or file.stem.endswith("v1") else 0
        opened.save(**options)
        if "ape" in file.name:
            ape = mutagen.apev2.APEv2()
            ape["Title"], ape["Odd"] = "From APE", ODD
            ape.save(file)
        return
    if isinstance(tags, mutagen.mp4.MP4Tags):
        tags["\251nam"], tags["\251ART"], tags["trkn"], tags["tmpo"] = ["Odd " + ODD], ["One", "Two"], [(3, 12)], [120]
        tags["----:org.example:odd"] = [ODD.encode()]
        tags["covr"] = [mutagen.mp4.MP4Cover(PICTURE, mutagen.mp4.MP4Cover.FORMAT_PNG)]
    elif isinstance(opened, mutagen.asf.ASF):
        tags["Title"], tags["Author"], tags["WM/AlbumTitle"], tags["Odd/Attribute"] = "Odd " + ODD, "Somebody", "An album", ODD
        tags["WM/TrackNumber"] = mutagen.asf.ASFDWordAttribute(3)
        tags["WM/Picture"] = mutagen.asf.ASFByteArrayAttribute(b"\3" + len(PICTURE).to_bytes(4, "little")
                                                               + "image/png\0\0".encode("utf-16-le") + PICTURE)
    elif isinstance(tags, mutagen.apev2.APEv2):
        tags["Title"], tags["Artist"], tags["Odd"] = "Odd " + ODD, ["One", "Two"], ODD
        tags["Cover Art (Front)"] = mutagen.apev2.APEValue(b"cover.png\0" + PICTURE, mutagen.apev2.BINARY)
    else:  # Vorbis comments
        tags["title"], tags["artist"], tags["tracknumber"], tags["x-odd key"] = "Odd " + ODD, ["One", "Two"], "3", ODD
        if isinstance(opened, mutagen.flac.FLAC):
            opened.add_picture(flac_picture())
        else:
            tags["metadata_block_picture"] = base64.b64encode(flac_picture().write()).decode()
    opened.save()


GENRE_KEYS = ("genre", "TCON", "\251gen", "WM/Genre", "gnre", "IGNR")


# Where players look for the mood; by the last names ffprobe calls it.
MOOD_KEYS = ("mood", "TMOO", "TXXX:MOOD", "----:com.apple.iTunes:MOOD", "WM/Mood")


def is_genre(key):
    return key.lower() in [each.lower() for each in GENRE_KEYS]


def is_mood(key):
    return key.lower() in [each.lower() for each in MOOD_KEYS]


def values(key, value):
    if key == "TCON":
        return list(value.genres)
    return [each.decode() if isinstance(each, bytes) else str(each) for each in value]


def mutagen_moods(file):
    """All moods of a file, by key: one key, where Earmark has written them."""
    tags = mutagen.File(file).tags or {}
    return {key: values(key, value) for key, value in tags.items() if is_mood(key)}


def mutagen_genres(file):
    """As mutagen reads them, from the tag that it takes for that of the format."""
    tags = mutagen.File(file).tags or {}
    return next((values(key, value) for key, value in tags.items() if is_genre(key)), [])


def ape_of(file):
    try:
        return mutagen.apev2.APEv2(file)
    except mutagen.apev2.APENoHeaderError:
        return {}


def id3v1_of(file):
    end = file.read_bytes()[-128:]
    return mutagen.id3.ParseID3v1(end) if end.startswith(b"TAG") else {}


def further_genres(file):
    """The genres of the tags that an MP3 file has besides ID3v2."""
    kinds = {"ape": ape_of(file), "id3v1": id3v1_of(file)}
    return {kind: next((values(key, value) for key, value in tags.items() if is_genre(key)), [])
            for kind, tags in kinds.items() if tags and file.suffix == ".mp3"}


def beets_genres(file):
    return mediafile.MediaFile(file).genres or []


def beets_picture(file):
    return mediafile.MediaFile(file).art


def probed(file):
    """All tags as ffprobe reads them, names in small letters."""
    found = json.loads(run("ffprobe", "-v", "error", "-show_entries", "format_tags:stream_tags", "-of", "json", file))
    tags = {}
    for part in [*found["streams"], found.get("format", {})]:
        tags.update({key.lower(): value for key, value in part.get("tags", {}).items()})
    return tags


def others(file, is_field=is_genre):
    """All that is not a genre, or not of another field, as mutagen and ffprobe read it."""
    opened = mutagen.File(file)
    tags = {key: repr(value) for key, value in (opened.tags or {}).items() if not is_field(key)}
    if isinstance(opened, mutagen.flac.FLAC):
        tags["pictures"] = repr([picture.write() for picture in opened.pictures])
    if isinstance(opened, mutagen.asf.ASF):  # TagLib writes the five fields that WMA always has, empty ones, too
        tags = {key: value for key, value in tags.items() if value != "[ASFUnicodeAttribute('')]"}
    if file.suffix == ".mp3":
        for kind, other in {"ape": ape_of(file), "id3v1": id3v1_of(file)}.items():
            tags.update({f"{kind} {key}": repr(value) for key, value in other.items() if not is_field(key)})
    return tags, {key: value for key, value in probed(file).items() if not is_field(key)}


def sound(file):
    """Hashes of the decoded sound, and of its packets as they stand in the file."""
    return (run("ffmpeg", "-v", "error", "-i", file, "-map", "0:a", "-f", "hash", "-"),
            run("ffmpeg", "-v", "error", "-i", file, "-map", "0:a", "-c", "copy", "-f", "streamhash", "-"))


def attributes(file):
    """What a file has besides its contents."""
    status = os.stat(file)
    xattrs = {name: os.getxattr(file, name) for name in os.listxattr(file)} if hasattr(os, "listxattr") else {}
    return status.st_mode, status.st_uid, status.st_gid, status.st_mtime_ns, xattrs


def sha256(file):
    return hashlib.sha256(file.read_bytes()).hexdigest()
