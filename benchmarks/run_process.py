"""Runs a program from start to end and writes what it took: run_process.py REPORT PROGRAM [ARGUMENT…]

REPORT becomes {"seconds", "kilobytes": greatest resident set, "status"}. The kernel counts towards a program the memory
of the process that started it, so this one stays small: about 10 MB, no packages.
"""

import os
import sys
import time

report, *command = sys.argv[1:]
start = time.perf_counter()
process = os.posix_spawnp(command[0], command, os.environ)
_, status, usage = os.wait4(process, 0)
seconds = time.perf_counter() - start
with open(report, "w") as file:
    file.write(f'{{"seconds": {seconds}, "kilobytes": {usage.ru_maxrss}, '
               f'"status": {os.waitstatus_to_exitcode(status)}}}\n')
