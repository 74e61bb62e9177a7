"""What the rivals' programs share: repeating, choosing the fastest way, the line of JSON that scripts/bench reads."""

import json
import statistics
import sys
import time


def repeat(work, seconds):
    """Seconds that each repetition took, for about `seconds` and at least three times, after one not counted."""
    work()
    times = []
    begin = time.perf_counter()
    while len(times) < 3 or time.perf_counter() - begin < seconds:
        times += timed(work, 1)
    return times


def timed(work, count):
    """Seconds that each of `count` calls took."""
    times = []
    for _ in range(count):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return times


def fastest(ways):
    """The name of the fastest of `ways` (name: function)."""
    return min(ways, key=lambda name: statistics.median(timed(ways[name], 6)[1:]))


def report_training(ways, checked, count, version):
    """Of `ways` (name: function that does one step from the initial weights on and returns the loss) takes the one
    with the fastest of four steps, reports its first `checked` losses, and times `count` further steps."""
    losses = {name: [] for name in ways}

    def step(name):
        losses[name].append(ways[name]())

    fastest_steps = {name: min(timed(lambda: step(name), 4)) for name in ways}
    way = min(fastest_steps, key=fastest_steps.get)
    timed(lambda: step(way), checked - len(losses[way]))
    report(timed(ways[way], count), losses[way], version, way=way)


def report(seconds, check, version, **more):
    json.dump({"seconds": seconds, "check": check, "version": version, **more}, sys.stdout)
    print()
