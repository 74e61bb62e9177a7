"""How much of the machine other programs take while one is measured."""

import os
import resource
import time
from pathlib import Path

CALM = 0.1  # cores that others may take
TICKS = os.sysconf("SC_CLK_TCK")


def busy_seconds():
    """Seconds of all cores' time, since the machine started, that were not idle; those its host took included."""
    user, nice, system, _, _, irq, softirq, steal, *_ = map(
        int, Path("/proc/stat").read_text(encoding="utf-8").splitlines()[0].split()[1:])
    return (user + nice + system + irq + softirq + steal) / TICKS


def own_seconds():
    return sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))


class Watch:
    """Cores that others take, from its making on."""

    def __init__(self):
        self.start = self.read()

    @staticmethod
    def read():
        return time.perf_counter(), busy_seconds() - own_seconds()

    def others(self):
        elapsed, busy = (now - before for now, before in zip(self.read(), self.start, strict=True))
        return max(busy / elapsed, 0.0)


def run_calmly(work, patience):
    """What `work` returns, and the cores that others took meanwhile. Waits for a calm machine, and works again when it
    was not calm, for `patience` seconds in all; then takes what comes."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        watch = Watch()
        time.sleep(0.3)
        if watch.others() > CALM:
            continue
        watch = Watch()
        result = work()
        others = watch.others()
        if others <= CALM:
            return result, others
    watch = Watch()
    return work(), watch.others()
