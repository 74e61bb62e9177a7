"""The table and the description of the machine, as Markdown."""

import os
import platform
import shutil
import statistics
import subprocess
from pathlib import Path

LIBRARIES = ["libavcodec-dev", "libsoxr-dev", "libfftw3-dev", "libdnnl-dev", "libtorch-dev", "libopenblas-openmp-dev"]


def load_average():
    return " ".join(f"{value:.2f}" for value in os.getloadavg())


def machine():
    cores = len(os.sched_getaffinity(0))
    text = f"{processor()}, {cores} core{'s' if cores > 1 else ''}"
    governor = Path("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor")
    text += f", governor {governor.read_text().strip()}" if governor.exists() else ", governor unknown"
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    return f"{text}, {memory:.0f} GB of memory, {platform.system()} {platform.release()}"


def processor():
    model, flags = platform.machine(), ""
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        key, _, value = line.partition(":")
        if key.strip() == "model name":
            model = value.strip()
        elif key.strip() == "flags":
            known = {"avx512f": "AVX-512", "avx2": "AVX2"}
            flags = next((name for flag, name in known.items() if flag in value.split()), "")
    return f"{model} ({flags})" if flags else model


def libraries():
    """Versions of what Earmark is linked with, by Debian's packages."""
    if not shutil.which("dpkg-query"):
        return ""
    outcome = subprocess.run(["dpkg-query", "-W", "-f", "${Package} ${Version}\n", *LIBRARIES], capture_output=True,
                             text=True, check=False)
    return ", ".join(line.replace("-dev ", " ") for line in outcome.stdout.splitlines())


def table(outcomes):
    head = ["work", "threads", "measured against", "ours", "theirs", "ratio", "spread", "to reach", "met"]
    rows = [cells(outcome) for outcome in outcomes if outcome.ours]
    widths = [max(len(row[i]) for row in [head, *rows]) for i in range(len(head))]
    rows.insert(0, ["-" * width for width in widths])
    rows.insert(0, head)
    return "\n".join("| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths)) + " |" for row in rows)


def line(outcome):
    """What is said of a row as soon as it is measured."""
    _, _, against, ours, theirs, ratio, spread, to_reach, met = cells(outcome)
    return f"{outcome.row.name}: {ours}, {against} {theirs}: {ratio} ({spread}), to reach {to_reach}: {met}"


def cells(outcome):
    row = outcome.row
    ratios = outcome.ratios()
    amount = duration if row.quantity == "seconds" else megabytes
    sign = "≥" if row.faster else "≤"
    return [row.work, row.threads, row.against, amount(statistics.median(outcome.ours)),
            amount(statistics.median(outcome.rival)), times(statistics.median(ratios)),
            f"{times(min(ratios))} to {times(max(ratios))}", f"{sign} {times(row.faster or row.share)}",
            "not the same" if outcome.difference else "yes" if outcome.met() else "no"]


def times(ratio):
    return f"{ratio:.3g} ×" if ratio >= 0.5 else f"1/{1 / ratio:.3g}"


def duration(seconds):
    return f"{seconds:.3g} s" if seconds >= 1 else f"{seconds * 1e3:.3g} ms"


def megabytes(amount):
    return f"{amount:.3g} MB" if amount < 1000 else f"{amount:.0f} MB"


def document(outcomes, versions, options, loads, disturbance):
    """`versions` maps the names of sides to what they said of themselves; `loads` are the load averages before and
    after, `disturbance` the cores that other programs took at worst."""
    rounds = options.rounds
    text = [table(outcomes), ""]
    for outcome in outcomes:
        if outcome.difference:
            text.append(f"- **not the same**: {outcome.row.name}: {outcome.difference}")
        elif outcome.missing:
            text.append(f"- not measured: {outcome.row.name}: {outcome.missing}")
    text += [
        "",
        f"- machine: {machine()}; load average {loads[0]} before, {loads[1]} after; "
        f"other programs took up to {disturbance:.2f} cores while one was measured",
        f"- libraries: {libraries() or 'unknown'}; rivals: "
        + (", ".join(f"{name} {version}" for name, version in sorted(versions.items())) or "none"),
        f"- {rounds} round{'s' if rounds > 1 else ''}, the programs of a group one after another in each, every one in "
        "a process of its own, on as many cores as it has threads. Ours and theirs are medians over the rounds of each "
        f"process's median: of its repetitions in {options.seconds:g} s, of its training steps, or, for cold starts, "
        "folders and memory, of its whole runs. The ratio is the median of the rounds' ratios, the spread their least "
        "and greatest.",
        "- training: no dropout, Adam at 1e-4, all programs from the same weights on the same batch. The first ten "
        "losses agree to 1e-3, MFCCs to 0.01 dB, probabilities to 1e-3, or the row says that they do not.",
    ]
    return "\n".join(text) + "\n"
