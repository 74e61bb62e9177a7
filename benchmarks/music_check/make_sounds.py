#!/usr/bin/env python3
"""Makes sounds that are no music: voices, noises, tones, applause, silence.

    make_sounds.py FOLDER

writes FOLDER/KIND/SOURCE-NNN.flac. Voices need flite and espeak-ng. A SOURCE (a voice, a kind of noise) is on one side of
the split that fit_rule.py makes.
"""

import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import soundfile

RATE = 22050
TEXTS = {
    "en": [
        "The library opens at nine in the morning and closes at six in the evening, except on Sundays. "
        "Visitors are asked to leave their bags at the entrance, and to speak quietly.",
        "Chapter four. When we came down to the harbour the boats had already left, and the old man who sold "
        "nets told us that nobody would be back before dusk. So we sat down and waited.",
        "Good evening. Here is the news. The government has said that it will look again at the price of bread. "
        "Two hikers who were missing since Friday have been found alive and well.",
        "To install the shelf, first mark the wall at the height of one metre. Drill two holes, eight "
        "millimetres wide, and push the plugs in until they are level with the wall.",
    ],
    "de": ["Die Bibliothek öffnet um neun Uhr und schließt um achtzehn Uhr. Bitte sprechen Sie leise und lassen Sie "
           "Ihre Taschen am Eingang. Danke für Ihr Verständnis und einen schönen Tag."],
    "fr": ["La bibliothèque ouvre à neuf heures et ferme à dix-huit heures, sauf le dimanche. Les visiteurs sont priés "
           "de laisser leurs sacs à l'entrée et de parler doucement."],
    "es": ["La biblioteca abre a las nueve de la mañana y cierra a las seis de la tarde. Se ruega a los visitantes "
           "que hablen en voz baja y dejen sus bolsos en la entrada."],
    "it": ["La biblioteca apre alle nove del mattino e chiude alle sei di sera, tranne la domenica. Si prega di "
           "parlare a bassa voce e di lasciare le borse all'ingresso."],
    "ru": ["Библиотека открывается в девять часов утра и закрывается в шесть часов вечера. Просим посетителей "
           "говорить тихо и оставлять сумки у входа."],
    "pl": ["Biblioteka jest otwarta od dziewiątej rano do szóstej wieczorem, oprócz niedziel. Prosimy mówić cicho i "
           "zostawiać torby przy wejściu."],
    "tr": ["Kütüphane sabah dokuzda açılır ve akşam altıda kapanır. Lütfen sessiz konuşun ve çantalarınızı girişte "
           "bırakın."],
    "hi": ["पुस्तकालय सुबह नौ बजे खुलता है और शाम छह बजे बंद होता है। कृपया धीरे बोलें और अपने बैग प्रवेश द्वार पर छोड़ दें।"],
    "sv": ["Biblioteket öppnar klockan nio på morgonen och stänger klockan sex på kvällen. Var god tala tyst och "
           "lämna väskorna vid ingången."],
}
VARIANTS = ["", "+f2", "+f4", "+m3", "+m7", "+whisper", "+croak"]


def colored(random, count, slope):
    """Noise whose power falls with frequency to the power of `slope`."""
    spectrum = np.fft.rfft(random.standard_normal(count))
    frequency = np.maximum(np.fft.rfftfreq(count, 1 / RATE), 20.0)
    return np.fft.irfft(spectrum * frequency ** (-slope / 2), count)


def band(random, count, low, high):
    spectrum = np.fft.rfft(random.standard_normal(count))
    frequency = np.fft.rfftfreq(count, 1 / RATE)
    return np.fft.irfft(spectrum * ((frequency > low) & (frequency < high)), count)


def impulses(random, count, per_second, length):
    """Bursts of noise that die away, at moments of a Poisson process."""
    out = np.zeros(count + length)
    for at in random.integers(0, count, max(1, int(count / RATE * per_second))):
        burst = random.standard_normal(length) * np.exp(-np.arange(length) / (length / 6))
        out[at:at + length] += random.uniform(0.2, 1.0) * burst
    return out[:count]


def hum(time, frequency, random):
    return sum(random.uniform(0.1, 1.0) / k * np.sin(2 * np.pi * k * frequency * time + random.uniform(0, 6)) for k in range(1, 12))


def noises(random, count):
    time = np.arange(count) / RATE
    swell = 0.6 + 0.4 * np.sin(2 * np.pi * random.uniform(0.05, 0.4) * time + random.uniform(0, 6))
    yield "white", colored(random, count, 0)
    yield "pink", colored(random, count, 1)
    yield "brown", colored(random, count, 2)
    yield "blue", colored(random, count, -1)
    low = random.uniform(100, 4000)
    yield "band", band(random, count, low, low * random.uniform(1.3, 2.5))
    yield "surf", swell * colored(random, count, 1.2)
    yield "crackle", impulses(random, count, random.uniform(5, 60), 60) + 0.01 * colored(random, count, 1)
    yield "clicks", impulses(random, count, random.uniform(1, 5), 200)
    yield "hum50", hum(time, 50.0, random) + 0.02 * colored(random, count, 1)
    yield "hum60", hum(time, 60.0, random)
    yield "motor", hum(time, random.uniform(70, 140), random) * (0.7 + 0.3 * random.random()) + 0.3 * colored(random, count, 1)


def tones(random, count):
    time = np.arange(count) / RATE
    frequency = float(np.exp(random.uniform(np.log(80), np.log(6000))))
    phase = 2 * np.pi * frequency * time
    yield "sine", np.sin(phase)
    yield "square", np.sign(np.sin(phase))
    yield "saw", 2 * (frequency * time % 1) - 1
    yield "beep", np.sin(phase) * (time * random.uniform(0.5, 3) % 1 < 0.5)
    yield "dial", np.sin(2 * np.pi * 350 * time) + np.sin(2 * np.pi * 440 * time)
    yield "ringing", (np.sin(2 * np.pi * 440 * time) + np.sin(2 * np.pi * 480 * time)) * (time % 3 < 1)
    end = float(np.exp(random.uniform(np.log(80), np.log(6000))))
    length = count / RATE
    yield "sweep", np.sin(2 * np.pi * frequency * length / np.log(end / frequency) * ((end / frequency) ** (time / length) - 1))


def applause(random, count):
    claps = impulses(random, count, random.uniform(150, 600), 500)
    spectrum = np.fft.rfft(claps)
    frequency = np.fft.rfftfreq(count, 1 / RATE)
    return np.fft.irfft(spectrum * np.exp(-(np.log(np.maximum(frequency, 1) / 1500) ** 2)), count)


def write(folder, kind, name, samples, random, rate=RATE):
    level = 10 ** (random.uniform(-30, -1) / 20)
    samples = samples / max(1e-9, np.abs(samples).max()) * level
    path = folder / kind / f"{name}.flac"
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, samples.astype(np.float32), rate, subtype="PCM_16")


def spoken(command):
    with tempfile.NamedTemporaryFile(suffix=".wav") as file:
        subprocess.run([*command, file.name], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return soundfile.read(file.name)


def main():
    folder = pathlib.Path(sys.argv[1])
    random = np.random.default_rng(19)
    for voice in ["kal", "awb", "kal16", "rms", "slt"]:
        for i, text in enumerate(TEXTS["en"]):
            samples, rate = spoken(["flite", "-voice", voice, "-t", text, "-o"])
            write(folder, "speech", f"flite_{voice}-{i:03}", samples, random, rate)
    for language, texts in TEXTS.items():
        for variant in VARIANTS:
            for i, text in enumerate(texts):
                speed = str(random.integers(120, 210))
                samples, rate = spoken(["espeak-ng", "-v", language + variant, "-s", speed, text, "-w"])
                write(folder, "speech", f"espeak_{language}-{variant.strip('+') or 'plain'}{i:02}", samples, random, rate)
    for i in range(12):
        count = int(RATE * random.choice([3, 6, 12, 30]))
        for name, samples in noises(random, count):
            write(folder, "noise", f"{name}-{i:03}", samples, random)
        for name, samples in tones(random, count):
            write(folder, "tone", f"{name}-{i:03}", samples, random)
        write(folder, "applause", f"claps{i % 2}-{i:03}", applause(random, count), random)
        write(folder, "silence", f"dither{i % 2}-{i:03}", random.integers(-1, 2, count) / 32768 * 1e3, random)


main()
