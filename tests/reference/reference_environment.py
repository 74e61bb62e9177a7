"""The Python environment that reference values come from: librosa and what it stands on, at pinned versions.

`enter()` makes sure that a script runs inside it: the first call of all makes a virtual environment under build/ and
installs requirements.txt, which needs the network and about a minute; later ones find it there. The script is then
started anew with that Python.
"""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
REQUIREMENTS = Path(__file__).with_name("requirements.txt")
FOLDER = ROOT / "build" / "reference-python"


def enter():
    python = FOLDER / "bin" / "python"
    if Path(sys.prefix) == FOLDER:
        return
    stamp = FOLDER / "installed.txt"
    wanted = REQUIREMENTS.read_text()
    if not stamp.exists() or stamp.read_text() != wanted:
        print(f"Installing librosa into {FOLDER.relative_to(ROOT)} (once)", file=sys.stderr)
        FOLDER.parent.mkdir(exist_ok=True)
        subprocess.run([sys.executable, "-m", "venv", "--clear", FOLDER], check=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--only-binary",
                        ":all:", "-r", REQUIREMENTS], check=True)
        stamp.write_text(wanted)
    os.execv(python, [python, *sys.argv])
