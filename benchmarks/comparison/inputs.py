"""What the programs are given to work on, made once under build/bench."""

import csv
import subprocess
import sys

from comparison.sides import Failed

SECONDS = 30
RATE = 22050
FILES = 500
TRACKS = 500
GENRES = 10
FORMATS = {  # ending: ffmpeg's options
    "mp3": ["-b:a", "192k"],
    "flac": [],
    "ogg": ["-c:a", "libvorbis", "-q:a", "5"],
    "opus": ["-c:a", "libopus", "-b:a", "96k"],
    "m4a": ["-c:a", "aac", "-b:a", "128k"],
    "wav": [],
}


class Inputs:
    def __init__(self, folder, samples, earmark):
        self.folder = folder
        self.clips = sorted(path for path in samples.iterdir() if path.name.startswith("synthetic-"))
        self.earmark = earmark
        folder.mkdir(parents=True, exist_ok=True)

    def sound(self):
        """30 s of a beating chord over noise, raw 32-bit floats at 22 050 Hz."""
        path = self.folder / "sound.f32"
        if not path.exists():
            import numpy as np

            time = np.arange(SECONDS * RATE) / RATE
            chord = sum(0.15 * np.sin(2 * np.pi * hertz * time) for hertz in (220, 277.18, 329.63, 1760))
            noise = np.random.default_rng(1).standard_normal(len(time))
            (chord * (0.6 + 0.4 * np.sin(4 * np.pi * time)) + 0.05 * noise).astype(np.float32).tofile(path)
        return path

    def features(self, name, frames, coefficients):
        """Features as if of noise whose loudness changes: raw 32-bit floats, from 0 to about 4."""
        path = self.folder / f"{name}.f32"
        if not path.exists():
            import numpy as np

            random = np.random.default_rng(1)
            loudness = 1.5 + np.sin(np.arange(frames) / 20)[:, np.newaxis]
            (loudness * random.uniform(0.5, 1.5, (frames, coefficients))).astype(np.float32).tofile(path)
        return path

    def music(self):
        """30 s of two synthetic clips as an MP3 of 192 kbit/s, 44.1 kHz, stereo."""
        path = self.folder / "music.mp3"
        if not path.exists():
            stereo = [clip for clip in self.clips if clip.suffix == ".m4a"][-2:]
            ffmpeg("-i", stereo[1], "-i", stereo[0], "-filter_complex", "[0][1]concat=n=2:v=0:a=1", "-t", SECONDS,
                   "-ar", 44100, "-ac", 2, "-b:a", "192k", path)
        return path

    def music_folder(self):
        """500 files of 5 to 40 s: the synthetic clips and the sound above in six formats, each a number of times."""
        folder = self.folder / "music"
        if folder.exists():
            return folder
        note("making the folder of music")
        encoded = self.folder / "encoded"
        encoded.mkdir(exist_ok=True)
        sources = [["-i", clip] for clip in self.clips]
        sources.append(["-f", "f32le", "-ar", RATE, "-ac", 1, "-i", self.sound()])
        paths = []
        for number, source in enumerate(sources):
            for ending, options in FORMATS.items():
                paths.append(encoded / f"{len(paths):02}.{ending}")
                length = 5 + len(paths) * 13 % 36
                loop = ["-stream_loop", -1] if number < len(self.clips) else []
                ffmpeg(*loop, *source, "-t", length, *options, paths[-1])
        partial = self.folder / "music.partial"
        partial.mkdir()
        for number in range(FILES):
            original = paths[number % len(paths)]
            (partial / f"{number:03}{original.suffix}").hardlink_to(original)
        partial.rename(folder)
        return folder

    def store(self):
        """A feature store of 500 segments of random values, to train on."""
        path = self.folder / "features.store"
        if not path.exists():
            import numpy as np

            random = np.random.default_rng(1)
            np.save(self.folder / "columns.npy", random.standard_normal((TRACKS, 259, 13), dtype=np.float32))
            with open(self.folder / "tracks.csv", "w", newline="", encoding="utf-8") as file:
                rows = csv.writer(file)
                rows.writerow(["track", "genre"])
                rows.writerows([f"track{number:03}", f"genre{number % GENRES}"] for number in range(TRACKS))
            run(self.earmark, "store", "import", self.folder / "columns.npy", "--index", self.folder / "tracks.csv",
                "--quiet", "--output", path)
        return path

    def network(self, name):
        """Batch and initial weights of a network (benchmarks/rivals/networks.py)."""
        path = self.folder / name
        if not (path / "output.bias.npy").exists():
            import networks

            networks.write(name, path)
        return path


def note(text):
    print(f"bench: {text}", file=sys.stderr, flush=True)


def run(*command):
    try:
        subprocess.run([str(word) for word in command], check=True, stdin=subprocess.DEVNULL, capture_output=True)
    except FileNotFoundError:
        raise Failed(f"{command[0]} is not there; scripts/setup --only tests installs it") from None
    except subprocess.CalledProcessError as error:
        raise Failed(f"{command[0]}: {error.stderr.decode(errors='replace').strip()}") from None


def ffmpeg(*options):
    run("ffmpeg", "-v", "error", "-y", *options)
