"""A side of a comparison: one program doing one work, ours or a rival's, in a process of its own."""

import json
import os
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

LAUNCHER = Path(__file__).resolve().parents[1] / "run_process.py"
THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")


class Failed(Exception):
    """A side that could not be measured; the message says why."""


@dataclass
class Result:
    """What one run of a side gave."""
    seconds: float
    memory: float = 0.0  # greatest resident set, MB
    check: object = None  # what was computed
    version: str = ""
    repetitions: int = 1


@dataclass
class Side:
    """`command` may be a function without arguments, so that its inputs are only made when they are needed."""
    name: str
    command: object
    cores: int = 0  # 0: all
    whole: bool = False  # time the process from start to end rather than by what it prints
    ways: bool = False  # it seeks its fastest way, which later runs are told
    read: object = None  # check of a whole process from its standard output
    needs: tuple = ()  # (path, what to say when it is not there)
    way: str = ""
    words: list = field(default_factory=list)

    def missing(self):
        for path, reason in self.needs:
            if not Path(path).exists():
                return reason
        if self.cores > len(os.sched_getaffinity(0)):
            return f"there are no {self.cores} cores"
        return ""

    def prepare(self):
        """Makes the inputs; starts a whole process once, so that files and programs lie in memory."""
        if not self.words:
            self.words = [str(word) for word in self.command()]
            if self.whole:
                self.run_once()

    def run(self, seconds):
        """Measures once, a whole process again and again for about `seconds`."""
        return self.run_whole(seconds) if self.whole else self.run_within()

    def run_within(self):
        outcome = self.start([*self.words, *([self.way] if self.way else [])])
        self.fail_unless(outcome.returncode == 0, outcome)
        try:
            report = json.loads(outcome.stdout.splitlines()[-1])
        except (ValueError, IndexError):
            self.fail_unless(False, outcome)
        if self.ways:
            self.way = report["way"]
        version = report["version"] + (f" ({report['way']})" if "way" in report else "")
        return Result(statistics.median(report["seconds"]), check=report["check"], version=version,
                      repetitions=len(report["seconds"]))

    def run_whole(self, seconds):
        results = []
        while not results or sum(result.seconds for result in results) < seconds:
            results.append(self.run_once())
        return Result(statistics.median(result.seconds for result in results),
                      statistics.median(result.memory for result in results), results[-1].check,
                      repetitions=len(results))

    def run_once(self):
        with tempfile.NamedTemporaryFile("r", suffix=".json") as file:
            outcome = self.start([sys.executable, "-I", "-S", LAUNCHER, file.name, *self.words])
            self.fail_unless(outcome.returncode == 0, outcome)
            report = json.load(file)
        self.fail_unless(report["status"] == 0, outcome)
        check = self.read(outcome.stdout) if self.read else None
        return Result(report["seconds"], report["kilobytes"] / 1000, check)

    def start(self, words):
        environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "TF_CPP_MIN_LOG_LEVEL": "3"}
        chosen = set(sorted(os.sched_getaffinity(0))[-self.cores:])
        if self.cores:
            environment |= {name: str(self.cores) for name in THREAD_VARIABLES}
        return subprocess.run([str(word) for word in words], capture_output=True, text=True, stdin=subprocess.DEVNULL,
                              env=environment, preexec_fn=lambda: os.sched_setaffinity(0, chosen), check=False)

    def fail_unless(self, condition, outcome):
        if not condition:
            lines = [line for line in (outcome.stderr or outcome.stdout).strip().splitlines() if line.strip()]
            raise Failed(f"{self.name}: {lines[-1] if lines else 'it printed nothing'}")
