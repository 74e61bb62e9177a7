"""MFCCs of a signal in memory with Essentia: mfcc_essentia.py SAMPLES SECONDS OUTPUT

Algorithms are made once and called frame by frame; Essentia's streaming network is slower, since its VectorInput hands
on few samples at a time. Essentia knows no `top_db`, and has one frame more at the end.
"""

import sys

import essentia

essentia.log.infoActive = False
import essentia.standard as standard
import numpy as np
from measuring import repeat, report

samples_path, seconds, output = sys.argv[1:]
samples = np.fromfile(samples_path, np.float32)

window = standard.Windowing(type="hann", size=2048, zeroPhase=False, normalized=False, symmetric=False)
spectrum = standard.PowerSpectrum(size=2048)
mfcc = standard.MFCC(inputSize=1025, sampleRate=22050, lowFrequencyBound=0, highFrequencyBound=11025, numberBands=128,
                     numberCoefficients=13, warpingFormula="slaneyMel", weighting="linear", normalize="unit_tri",
                     type="magnitude", logType="dbpow", dctType=2, liftering=0, silenceThreshold=1e-10)


def compute():
    frames = standard.FrameGenerator(samples, frameSize=2048, hopSize=512, startFromZero=False)
    return [mfcc(spectrum(window(frame)))[1] for frame in frames]


times = repeat(compute, float(seconds))
result = np.asarray(compute(), np.float32)
result.tofile(output)
report(times, {"frames": result.shape[0], "coefficients": result.shape[1]}, essentia.__version__)
