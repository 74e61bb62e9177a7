"""The Python environment of the imports: TensorFlow and what reads other programs' weights, at pinned versions.

`enter()` makes it under build/ at the first call of all, which needs the network and 2 GB, and starts the script anew
with its Python. `musicnn_package()` is the authors' own program, unpacked from its wheel.
"""

import os
import subprocess
import sys
import warnings
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
REQUIREMENTS = Path(__file__).with_name("requirements.txt")
FOLDER = ROOT / "build" / "import-python"
WHEELS = ROOT / "build" / "import-wheels"
MUSICNN = "musicnn==0.1.0"


def enter():
    python = FOLDER / "bin" / "python"
    if Path(sys.prefix) != FOLDER:
        stamp = FOLDER / "installed.txt"
        wanted = REQUIREMENTS.read_text()
        if not stamp.exists() or stamp.read_text() != wanted:
            print(f"Installing TensorFlow into {FOLDER.relative_to(ROOT)} (once)", file=sys.stderr)
            FOLDER.parent.mkdir(exist_ok=True)
            subprocess.run([sys.executable, "-m", "venv", "--clear", FOLDER], check=True)
            subprocess.run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--only-binary",
                            ":all:", "-r", REQUIREMENTS], check=True)
            stamp.write_text(wanted)
        os.execv(python, [python, *sys.argv])
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    os.environ["TF_USE_LEGACY_KERAS"] = "1"  # the authors' program is written for TensorFlow 1
    warnings.filterwarnings("ignore")


def musicnn_package():
    """The folder that holds the package musicnn, fit for sys.path."""
    folder = WHEELS / "musicnn"
    if not (folder / "musicnn" / "models.py").exists():
        subprocess.run([sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps",
                        "--dest", WHEELS, MUSICNN], check=True)
        with zipfile.ZipFile(next(WHEELS.glob("musicnn-0.1.0-*.whl"))) as wheel:
            wheel.extractall(folder)
    return folder
