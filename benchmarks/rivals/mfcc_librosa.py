"""MFCCs of a signal in memory with librosa: mfcc_librosa.py SAMPLES SECONDS OUTPUT"""

import sys

import librosa
import numpy as np
from measuring import fastest, repeat, report

samples_path, seconds, output = sys.argv[1:]
samples = np.fromfile(samples_path, np.float32)
mel_bank = librosa.filters.mel(sr=22050, n_fft=2048)


def plain():
    return librosa.feature.mfcc(y=samples, sr=22050, n_mfcc=13)


def with_bank_at_hand():
    power = np.abs(librosa.stft(samples)) ** 2
    return librosa.feature.mfcc(S=librosa.power_to_db(mel_bank @ power), n_mfcc=13)


ways = {"librosa.feature.mfcc": plain, "mel bank made once": with_bank_at_hand}
way = fastest(ways)
times = repeat(ways[way], float(seconds))
result = ways[way]().T
result.astype(np.float32).tofile(output)
report(times, {"frames": result.shape[0], "coefficients": result.shape[1]}, librosa.__version__, way=way)
