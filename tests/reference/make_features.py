#!/usr/bin/env python3
"""Makes the reference features of tests/features with librosa.

    python3 tests/reference/make_features.py [GTZAN]

writes tests/reference/features/*.npy: features of synthetic signals, which tests/features/reference.hpp makes again sample
by sample, and three frames each of ten real clips (GTZAN's, from the folder given or ../shared/data/gtzan/audio; too
little to rebuild any sound from). Without the clips their two files stay as they are.
"""

import math
import sys
from pathlib import Path

import reference_environment

reference_environment.enter()

import librosa
import numpy as np

HERE = Path(__file__).resolve().parent
OUTPUT = HERE / "features"
SAMPLES = 33075
RATE = 22050

CLIPS = ["blues.00001", "classical.00002", "country.00000", "disco.00003", "hiphop.00001",
         "jazz.00002", "metal.00000", "pop.00004", "reggae.00001", "rock.00005"]
CLIP_FRAMES = [0, 100, -1]


def sixteen_bits(values):
    """Rounded to 16 bits, so that the last bit of a sine does not matter."""
    return np.array([math.floor(v * 32767.0 + 0.5) for v in values]).astype(np.int16)


def noise():
    state, values = 1, []
    for _ in range(SAMPLES):
        state = (state * 1664525 + 1013904223) % 2**32
        values.append((state >> 16) - 32768)
    return np.array(values).astype(np.int16)


def chord():
    tones = [(0.3, 220.0), (0.25, 1046.5), (0.1, 3520.0), (0.01, 9000.0)]
    return sixteen_bits(sum(a * math.sin(2.0 * math.pi * f * n / RATE) for a, f in tones) for n in range(SAMPLES))


def sweep():
    """Rises from 100 Hz and dies away into digital silence."""
    def value(n):
        t = n / RATE
        return 0.9 * math.exp(-n / 2000.0) * math.sin(2.0 * math.pi * (100.0 * t + 2000.0 * t * t))
    return sixteen_bits(value(n) for n in range(SAMPLES))


def clicks():
    values = np.zeros(SAMPLES, np.int16)
    values[[0, 5000, 5001, 20000, SAMPLES - 1]] = [32767, -20000, 20000, 1, -32768]
    return values


def checksum(samples):
    """FNV-1a over the samples' 16-bit patterns: tells whether two programs made the same signal."""
    value = 0xCBF29CE484222325
    for sample in samples:
        value = ((value ^ (int(sample) & 0xFFFF)) * 0x100000001B3) % 2**64
    return value


def save(name, values):
    np.save(OUTPUT / f"{name}.npy", np.ascontiguousarray(values, np.float32))


def write_signal(name, samples):
    y = samples.astype(np.float32) / 32768.0
    for padding, mode in (("zero", "constant"), ("reflect", "reflect")):
        spectrogram = np.abs(librosa.stft(y, n_fft=2048, hop_length=512, pad_mode=mode)) ** 2
        mel = librosa.feature.melspectrogram(y=y, sr=RATE, pad_mode=mode)
        logmel = librosa.power_to_db(mel, ref=1.0, top_db=80)
        mfcc = librosa.feature.mfcc(y=y, sr=RATE, n_mfcc=13, pad_mode=mode)
        # Whole matrices would be large: every 32nd frame, or 16th, shows the ends and the middle.
        save(f"{name}_{padding}_spectrogram", spectrogram.T[::32])
        save(f"{name}_{padding}_mel", mel.T[::16])
        save(f"{name}_{padding}_logmel", logmel.T[::16])
        save(f"{name}_{padding}_mfcc", mfcc.T)


def write_options(name, y, *, sr, n_mfcc, ref, amin, top_db, **options):
    """MFCCs with other options than the defaults; tests/features/parity_test.cpp has the same."""
    mel = librosa.feature.melspectrogram(y=y, sr=sr, **options)
    logmel = librosa.power_to_db(mel, ref=ref, amin=amin, top_db=top_db)
    save(f"options_{name}_mfcc", librosa.feature.mfcc(S=logmel, n_mfcc=n_mfcc).T)


def write_mel_bank(name, bank):
    """The non-zero weights only: band, bin, weight."""
    band, bin_ = np.nonzero(bank)
    save(f"mel_bank_{name}", np.stack([band, bin_, bank[band, bin_]], axis=1))


def tensorflow_mel_bank(sr, n_fft, n_mels, fmin, fmax):
    """tf.signal.linear_to_mel_weight_matrix, by its documentation: sides are straight over mel, and bin 0 is left out."""
    def mel(hertz):
        return 1127.0 * np.log(1.0 + hertz / 700.0)
    bins = mel(np.linspace(0.0, sr / 2.0, n_fft // 2 + 1)[1:])
    edges = np.linspace(mel(fmin), mel(fmax), n_mels + 2)
    lower, centre, upper = edges[:-2, None], edges[1:-1, None], edges[2:, None]
    weights = np.maximum(0.0, np.minimum((bins - lower) / (centre - lower), (upper - bins) / (upper - centre)))
    return np.pad(weights, [[0, 0], [1, 0]])


def write_musicnn(name, samples):
    """As musicnn's extractor computes them, in double precision: every eighth frame."""
    y = samples / 32768.0
    mel = librosa.feature.melspectrogram(y=y, sr=16000, n_fft=512, hop_length=256, n_mels=96, pad_mode="reflect",
                                         dtype=np.float64)
    save(f"musicnn_{name}", np.log10(10000.0 * mel + 1.0).T[::8])


def write_yamnet(name, samples):
    """As YAMNet's features.py computes them, in double precision: every eighth frame."""
    y = samples / 32768.0
    window = 0.5 - 0.5 * np.cos(2.0 * np.pi * np.arange(400) / 400)
    frames = np.lib.stride_tricks.sliding_window_view(y, 400)[::160]
    magnitude = np.abs(np.fft.rfft(frames * window, 512))
    mel = magnitude @ tensorflow_mel_bank(16000, 512, 64, 125.0, 7500.0).T
    save(f"yamnet_{name}", np.log(mel + 0.001)[::8])


def write_clips(folder):
    logmels, mfccs = [], []
    for clip in CLIPS:
        y, rate = librosa.load(folder / clip.split(".")[0] / f"{clip}.flac", sr=None)
        assert rate == RATE
        logmel = librosa.power_to_db(librosa.feature.melspectrogram(y=y, sr=rate), ref=1.0, top_db=80)
        mfcc = librosa.feature.mfcc(y=y, sr=rate, n_mfcc=13)
        logmels.append(logmel.T[CLIP_FRAMES])
        mfccs.append(mfcc.T[CLIP_FRAMES])
    save("clips_logmel", np.stack(logmels))
    save("clips_mfcc", np.stack(mfccs))
    (OUTPUT / "clips.txt").write_text("".join(f"{clip}\n" for clip in CLIPS))


def main():
    OUTPUT.mkdir(exist_ok=True)
    signals = {"noise": noise(), "chord": chord(), "sweep": sweep(), "clicks": clicks()}
    for name, samples in signals.items():
        write_signal(name, samples)
    (OUTPUT / "signals.txt").write_text("".join(f"{n} {checksum(s):016x}\n" for n, s in signals.items()))

    y = signals["sweep"].astype(np.float32) / 32768.0
    write_options("wide", y, sr=44100, n_fft=1024, hop_length=441, n_mels=40, n_mfcc=20, fmin=50.0, fmax=15000.0,
                  ref=0.5, amin=1e-6, top_db=None)
    write_options("speech", y, sr=16000, n_fft=400, hop_length=160, n_mels=23, n_mfcc=23, fmin=20.0, fmax=7600.0,
                  ref=1.0, amin=1e-10, top_db=60.0)
    write_options("sparse", y, sr=22050, n_fft=2048, hop_length=3000, n_mels=128, n_mfcc=13, fmin=0.0, fmax=11025.0,
                  ref=2.0, amin=1e-10, top_db=80.0)

    write_mel_bank("paper", librosa.filters.mel(sr=22050, n_fft=2048, n_mels=128))
    write_mel_bank("wide", librosa.filters.mel(sr=44100, n_fft=1024, n_mels=40, fmin=50.0, fmax=15000.0))
    speech = {"sr": 16000, "n_fft": 512, "n_mels": 64, "fmin": 125.0, "fmax": 7500.0, "dtype": np.float64}
    write_mel_bank("htk_area", librosa.filters.mel(htk=True, **speech))
    write_mel_bank("htk_none", librosa.filters.mel(htk=True, norm=None, **speech))
    write_mel_bank("slaney_none", librosa.filters.mel(norm=None, **speech))
    write_mel_bank("tensorflow", tensorflow_mel_bank(16000, 512, 64, 125.0, 7500.0))
    for name, samples in signals.items():
        write_musicnn(name, samples)
        write_yamnet(name, samples)

    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE.parents[2] / "shared/data/gtzan/audio"
    if folder.is_dir():
        write_clips(folder)
    else:
        print(f"{folder} is no folder: the reference values of real clips stay as they are", file=sys.stderr)


main()
