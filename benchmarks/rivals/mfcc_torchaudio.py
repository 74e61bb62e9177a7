"""MFCCs of a signal in memory with torchaudio: mfcc_torchaudio.py SAMPLES SECONDS OUTPUT THREADS"""

import sys

import numpy as np
import torch
import torchaudio
from measuring import repeat, report

samples_path, seconds, output, threads = sys.argv[1:]
torch.set_num_threads(int(threads))
samples = torch.from_numpy(np.fromfile(samples_path, np.float32))
transform = torchaudio.transforms.MFCC(
    sample_rate=22050, n_mfcc=13,
    melkwargs={"n_fft": 2048, "hop_length": 512, "n_mels": 128, "norm": "slaney", "mel_scale": "slaney",
               "pad_mode": "constant"})
with torch.inference_mode():
    times = repeat(lambda: transform(samples), float(seconds))
    result = transform(samples).T.contiguous().numpy()
result.tofile(output)
report(times, {"frames": result.shape[0], "coefficients": result.shape[1]}, torchaudio.__version__)
