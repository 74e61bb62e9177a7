#!/usr/bin/env python3
"""Fits the rule by which YAMNet's scores tell music from what is none, and measures it on sources it was not fitted on.

    fit_rule.py SCORES.npz LABELS.csv RULE.json [--excerpts N] [--measure]

SCORES.npz is collect_scores.py's, LABELS.csv has a column `label` in the order of the scores
(scripts/importing/labels/audioset.csv). RULE.json is what scripts/import-models puts into the model file; with --measure it is
read and not written. A source is on one side alone: see `held_out`. Needs numpy.
"""

import argparse
import collections
import csv
import hashlib
import json

import numpy as np

FLOOR = 1e-3
LEAST_MUSIC = 0.997  # share of the music that is fitted on that must pass
TONES = ["Sine wave", "Mains hum", "Hum", "Dial tone", "Telephone dialing, DTMF", "Busy signal", "Beep, bleep", "Buzzer",
         "Chirp tone", "Harmonic", "Telephone", "Telephone bell ringing", "Alarm", "Siren", "Smoke detector, smoke alarm",
         "Fire alarm", "Tuning fork", "Electronic tuner", "Reversing beeps", "Foghorn", "Ping", "Civil defense siren",
         "Throbbing", "Sidetone", "Pulse"]
# A single steady tone sounds like these, too.
TONE_LIKE = ["Synthesizer", "Theremin", "Rattle (instrument)", "Electronic organ", "Keyboard (musical)", "Organ",
             "Tuning fork", "Bell", "Wind chime", "Bicycle bell", "Singing bowl", "Sampler"]


def groups(labels):
    """name: (whether it is music, labels): ranges of AudioSet's list, which is a walk through its tree."""
    def between(first, last, but=()):
        return [name for name in labels[labels.index(first):labels.index(last) + 1] if name not in but]
    return {
        "music": (True, ["Music"]),
        "genres": (True, between("Pop music", "Scary music")),
        "instruments": (True, between("Musical instrument", "Scratching (performance technique)", TONE_LIKE)),
        "singing": (True, between("Singing", "Humming")),
        "speech": (False, [*between("Speech", "Babbling"), *between("Shout", "Bellow"), "Yell", "Children shouting",
                           "Screaming", "Whispering", "Laughter", "Crying, sobbing", "Baby cry, infant cry", "Chatter",
                           "Hubbub, speech noise, speech babble"]),
        "animals": (False, between("Animal", "Whale vocalization")),
        "applause": (False, ["Clapping", "Cheering", "Applause", "Crowd"]),
        "noise": (False, [*between("Wind", "Vacuum cleaner"), *between("Mechanisms", "Boiling"),
                          *between("Whoosh, swoosh, swish", "Thunk"), *between("Basketball bounce", "Tearing"),
                          *between("Clang", "Jingle, tinkle", ("Squeal",)), "Crunch", "Noise", "Environmental noise",
                          "Static", "White noise", "Pink noise", "Vibration", "Cacophony", "Breathing", "Snoring",
                          "Walk, footsteps"]),
        "a tone": (False, TONES),
    }


def held_out(source):
    """Whether a source is measured on: half of them, and kinds that are always."""
    if any(word in source for word in ("gtzan", "sample", "case", "asterisk_fr", "asterisk_it", "asterisk_ru", "_awb", "_slt",
                                       "game_supertux2", "/band", "/surf", "/hum60", "/dial", "/saw", "claps1", "dither1")):
        return True
    if any(word in source for word in ("asterisk_", "flite_", "game_", "claps0", "dither0", "/hum50", "/white", "/pink",
                                       "/sine", "/square", "/motor", "/sweep")):
        return False
    return hashlib.md5(source.encode()).digest()[0] % 2 == 1


def track_scores(data, excerpts):
    """Means over the patches of each track, or over `excerpts` of them, evenly spaced."""
    ends = np.cumsum(data["rows"])
    means = []
    for end, count in zip(ends, data["rows"], strict=True):
        chosen = np.arange(count)
        if 0 < excerpts < count:
            chosen = (2 * np.arange(excerpts) + 1) * count // (2 * excerpts)
        means.append(data["scores"][end - count + chosen].astype(np.float64).mean(axis=0))
    return np.array(means)


def inputs(scores, labels, names):
    index = {label: i for i, label in enumerate(labels)}
    return np.stack([np.log(np.maximum(scores[:, [index[name] for name in names_of]].max(axis=1), FLOOR))
                     for _, names_of in names.values()], axis=1)


def fit_signed(x, y, weights, signs):
    """As fit, where each weight has its sign or is 0: what stands for music must not speak against it."""
    used = np.ones(len(signs), bool)
    while True:
        w = np.zeros(len(signs))
        w[used], bias = fit(x[:, used], y, weights)
        wrong = used & (w * signs < 0)
        if not wrong.any():
            return w, bias
        used[np.argmax(np.where(wrong, np.abs(w), -1.0))] = False


def fit(x, y, weights, penalty=1.0):
    """Logistic regression by Newton's method. @return weights, bias"""
    x1 = np.hstack([x, np.ones((len(x), 1))])
    w = np.zeros(x1.shape[1])
    ridge = penalty * np.eye(len(w))
    ridge[-1, -1] = 1e-6
    for _ in range(50):
        p = 1.0 / (1.0 + np.exp(-np.clip(x1 @ w, -30, 30)))
        gradient = x1.T @ (weights * (p - y)) + ridge @ w
        hessian = (x1 * (weights * np.maximum(p * (1 - p), 1e-6))[:, None]).T @ x1 + ridge
        w -= np.linalg.solve(hessian, gradient)
    return w[:-1], w[-1]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("scores")
    parser.add_argument("labels")
    parser.add_argument("rule")
    parser.add_argument("--excerpts", type=int, default=0)
    parser.add_argument("--measure", action="store_true")
    options = parser.parse_args()
    data = dict(np.load(options.scores))  # read once
    with open(options.labels, encoding="utf-8", newline="") as file:
        labels = [row["label"] for row in csv.DictReader(file)]
    names = groups(labels)
    kinds, sources = data["kinds"], data["sources"]
    x = inputs(track_scores(data, options.excerpts), labels, names)
    held = np.array([held_out(source) for source in sources])
    y = kinds != "music"
    if options.measure:
        with open(options.rule, encoding="utf-8") as file:
            rule = json.load(file)
        w, bias = np.array([group["weight"] for group in rule["groups"]]), rule["bias"]
    else:
        # Each kind counts as much as the other kinds, all of them as much as music.
        count = collections.Counter(kinds[~held])
        weights = np.array([1.0 / count[kind] * (1.0 if kind == "music" else 1.0 / (len(count) - 1))
                            for kind in kinds[~held]]) * 1000
        signs = np.array([-1.0 if music else 1.0 for music, _ in names.values()])
        w, bias = fit_signed(x[~held], y[~held].astype(float), weights, signs)
        # As much is held back as may be while nearly all music passes.
        values = (x @ w + bias)[~held & (kinds == "music")]
        bias -= np.quantile(values, LEAST_MUSIC) + 1e-3
        rule = {"bias": round(float(bias), 4), "floor": FLOOR,
                "groups": [{"name": name, "music": music, "weight": round(float(weight), 4), "labels": list(of)}
                           for (name, (music, of)), weight in zip(names.items(), w, strict=True)]}
        with open(options.rule, "w", encoding="utf-8") as file:
            json.dump(rule, file, indent=1, ensure_ascii=False)
            file.write("\n")
    value = x @ w + bias
    others = np.array([not music for music, _ in names.values()])
    called = np.where(value > 0, np.array(list(names))[np.where(others, x, -99).argmax(axis=1)], "music")
    for part, mask in (("fitted on", ~held), ("held out", held)):
        print(f"| {part} | tracks | sources | right of music or not | called |\n|---|---:|---:|---:|---|")
        for kind in sorted(set(kinds)):
            which = mask & (kinds == kind)
            if which.any():
                right = np.mean((value[which] > 0) == (kind != "music"))
                told = collections.Counter(called[which]).most_common(4)
                print(f"| {kind} | {which.sum()} | {len(set(sources[which]))} | {100 * right:.1f} % | "
                      + ", ".join(f"{name} {number}" for name, number in told) + " |")
        rates = [np.mean(value[mask & (kinds == kind)] > 0) for kind in set(kinds) if kind != "music"
                 and (mask & (kinds == kind)).any()]
        print(f"music passed: {100 * np.mean(value[mask & ~y] <= 0):.2f} %; no music held back: "
              f"{100 * np.mean(value[mask & y] > 0):.2f} % of tracks, {100 * np.mean(rates):.1f} % as the mean of kinds\n")
    print("weights:", {name: round(float(weight), 2) for name, weight in zip(names, w, strict=True)}, "bias", round(float(bias), 2))
    for path, kind, v, c in zip(data["paths"], kinds, value, called, strict=True):
        if (v > 0) != (kind != "music") and (kind in ("music", "speech")):
            print("wrong:", kind, "called", c, path)


main()
