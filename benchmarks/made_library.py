"""Makes a music library of short pieces of other recordings: every format, odd names, odd tags, and files broken on purpose."""

import concurrent.futures
import os
import random
import shutil
import subprocess
import sys

# Options of ffmpeg for each kind of file.
FORMATS = [
    (b".mp3", ["-c:a", "libmp3lame", "-b:a", "64k"]),
    (b".flac", ["-c:a", "flac"]),
    (b".ogg", ["-c:a", "libvorbis", "-q:a", "2"]),
    (b".opus", ["-c:a", "libopus", "-b:a", "48k"]),
    (b".m4a", ["-c:a", "aac", "-b:a", "64k"]),
]
PICTURED = (b".mp3", b".flac", b".m4a")

# Names as people, and programs, give them. Bytes, since the system does not care whether they are text.
NAMES = [
    b"%d", b"Track %d", b"it's %d", b'"quoted" %d', b"new\nline %d", b"caf\xe9 %d", b"-dash %d", b"--help %d",
    "\U0001f3b5 %d \u2665".encode(), b" blanks %d ", b"$HOME `%d`; *?[", "日本語 %d".encode(), b"per%%cent {%d}",
    b"long " + b"x" * 188 + b" %06d", b"dots... %d.tar", b"back\\slash %d",
]
FOLDERS = [b"Artist %d", b"artist's %d", b"K\xfcnstler %d", "Художник %d".encode(), b"a/b/c/d/e/f/%d", b"Various/Disc %d",
           b"- %d"]
TAGS = ["title=Piece %d", "artist=Somebody; Else / %d", "album=Ünïcödé “%d”", "comment=line\nline %d", "SERIAL=%d = %%0"]
GENRES = ["Polka", "Hard Rock", "Jazz; Fusion"]
FILES_A_CALL = 40


class Made:
    """What was made: paths, as bytes, of good files and of broken ones; `untagged` are the good ones without a genre."""

    def __init__(self, folder):
        self.folder = folder
        self.good = []
        self.broken = []
        self.untagged = set()


def ffmpeg(*words):
    done = subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-y", *words], capture_output=True, check=False)
    if done.returncode != 0:
        sys.exit(f"library: ffmpeg failed: {done.stderr.decode(errors='replace').strip()}")
    return done.stdout


def duration(clip):
    done = subprocess.run(["ffprobe", "-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", clip],
                          capture_output=True, text=True, check=False)
    try:
        return float(done.stdout)
    except ValueError:
        sys.exit(f"library: {os.fsdecode(clip)}: ffprobe tells no duration.")


def clips_in(folder):
    endings = (".wav", ".flac", ".mp3", ".ogg", ".m4a", ".opus", ".au")
    clips = sorted(os.path.join(path, name) for path, _, names in os.walk(folder) for name in names if name.endswith(endings))
    if not clips:
        sys.exit(f"library: {folder}: holds no audio clips.")
    return [clip for clip in clips if duration(clip) > 13]


class Piece:
    """One file to make."""

    def __init__(self, number, folder, chance, clip_seconds):
        self.number = number
        self.suffix, self.options = FORMATS[number % len(FORMATS)]
        name = NAMES[number // len(FORMATS) % len(NAMES)] % number
        inside = FOLDERS[number // 24 % len(FOLDERS)] % (number // 24)
        self.path = os.path.join(folder, inside, name + self.suffix)
        self.seconds = chance.uniform(6, 12)
        self.start = chance.uniform(0, clip_seconds - self.seconds - 0.1)
        self.tagged = number % 4 != 0
        self.genre = GENRES[number % len(GENRES)] if number % 7 == 3 else None
        self.pictured = number % 4 == 3 and self.suffix in PICTURED

    def output(self, plain):
        """Options of ffmpeg that write it to a file with a plain name."""
        words = ["-map", "0:a", "-map_metadata", "-1", "-ss", f"{self.start:.4f}", "-t", f"{self.seconds:.4f}", *self.options]
        if self.pictured:
            words += ["-map", "1:v", "-c:v", "copy", "-disposition:v", "attached_pic"]
        if self.tagged:
            for tag in TAGS:
                words += ["-metadata", tag % self.number]
        if self.genre:
            words += ["-metadata", f"genre={self.genre}"]
        return [*words, plain]


def make_pieces(clip, pieces, picture, work):
    """One ffmpeg decodes the clip once and writes many files."""
    for first in range(0, len(pieces), FILES_A_CALL):
        some = pieces[first:first + FILES_A_CALL]
        plain = [os.path.join(work, b"%d%s" % (piece.number, piece.suffix)) for piece in some]
        outputs = [word for piece, name in zip(some, plain) for word in piece.output(name)]
        ffmpeg("-i", clip, "-i", picture, *outputs)
        for piece, name in zip(some, plain):
            os.makedirs(os.path.dirname(piece.path), exist_ok=True)
            os.rename(name, piece.path)


def make_library(clips_folder, folder, count, seed, jobs):
    chance = random.Random(seed)
    folder = os.fsencode(folder)
    work = folder + b".work"
    os.makedirs(folder)
    os.makedirs(work)
    clips = clips_in(clips_folder)
    if not clips:
        sys.exit(f"library: {clips_folder}: no clip is longer than 13 s.")
    picture = os.path.join(work, b"cover.png")
    ffmpeg("-f", "lavfi", "-i", "color=c=teal:size=64x64", "-frames:v", "1", picture)
    seconds = {clip: duration(clip) for clip in clips}
    pieces = [Piece(number, folder, chance, seconds[clips[number % len(clips)]]) for number in range(count)]
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        list(pool.map(lambda index: make_pieces(clips[index], pieces[index::len(clips)], picture, work), range(len(clips))))
    made = Made(folder)
    made.good = [piece.path for piece in pieces]
    made.untagged = {piece.path for piece in pieces if not piece.genre}
    add_odds(made, pieces, picture)
    shutil.rmtree(work)
    return made


def add_odds(made, pieces, picture):
    """What lies about in a library besides good music."""
    def write(name, content):
        path = os.path.join(made.folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(content)
        return path

    def bytes_of(suffix, part):
        path = next(piece.path for piece in pieces if piece.suffix == suffix and not piece.genre)
        with open(path, "rb") as file:
            content = file.read()
        return content[:int(len(content) * part)]

    for number in range(max(1, len(pieces) // 100)):
        where = b"Broken/%d/" % number
        made.broken += [write(where + b"empty.mp3", b""),
                        write(where + b"text.mp3", b"This is no music, whatever its name says.\n" * 50),
                        write(where + b"cut.m4a", bytes_of(b".m4a", 0.5)),  # its index stood at the end
                        write(where + b"head only.flac", b"fLaC"),
                        write(where + b"zeros.ogg", bytes(5000))]
        write(where + b"cover.jpg", b"\xff\xd8\xff\xe0 no picture, really")
        write(where + b"notes.txt", b"notes\n")
        write(where + b"list.m3u", b"empty.mp3\n")
        write(where + b"no ending", b"a text without an ending\n")
        # Never to be heard.
        write(where + b".hidden.mp3", bytes_of(b".mp3", 1))
        write(where + b".hidden/inside.mp3", bytes_of(b".mp3", 1))
        write(where + b"ringtones/.nomedia", b"")
        write(where + b"ringtones/ring/ring.mp3", bytes_of(b".mp3", 1))
        os.symlink(b"../..", os.path.join(made.folder, where + b"loop"))
        os.symlink(b"nowhere", os.path.join(made.folder, where + b"dangling.mp3"))
    # One that ends too early can be heard all the same.
    made.good.append(write(b"Ends early/cut.flac", bytes_of(b".flac", 0.8)))
    made.untagged.add(made.good[-1])
    shutil.copy(picture, os.path.join(made.folder, b"Folder.png"))


def packet_hashes(paths):
    """A hash of the packets of sound of each file, by ffmpeg, a hundred files a call."""
    hashes = {}
    for first in range(0, len(paths), 100):
        some = paths[first:first + 100]
        words = [word for path in some for word in ("-i", path)]
        words += [word for index in range(len(some)) for word in ("-map", f"{index}:a")]
        lines = ffmpeg(*words, "-c", "copy", "-f", "streamhash", "-").split()
        if len(lines) != len(some):
            sys.exit("library: ffmpeg gave no hash for each file.")
        for path, line in zip(some, lines):
            hashes[path] = line.partition(b",a,")[2]
    return hashes
