"""A model of many labels, made of one that ships: its ten outputs are moods, genres and instruments."""

import json
from pathlib import Path

MODEL = Path(__file__).resolve().parents[2] / "models" / "mfcc-mlp.safetensors"

# Label, group, and the least probability at which it holds: 0 always, 1 never.
LABELS = [("happy", "mood", 0), ("Sad music", "mood", 0), ("ünruhig", "mood", 0), ("angry", "mood", 1),
          ("Rock music", "genre", 1), ("polka", "genre", 0), ("piano", "instrument", 0), ("flute", "instrument", 1),
          ("female vocalists", "voice", 0), ("80s", "decade", 1)]


def make(file, name="tagger"):
    """Writes the model file."""
    content = MODEL.read_bytes()
    size = int.from_bytes(content[:8], "little")
    header = json.loads(content[8:8 + size])
    metadata = header["__metadata__"]
    metadata["name"] = name
    metadata["labels"] = json.dumps([label for label, _, _ in LABELS])
    metadata["activation"] = "sigmoid"
    metadata["label_details"] = json.dumps([{"group": group, "threshold": least, "precise_threshold": least}
                                            for _, group, least in LABELS])
    metadata.pop("calibration", None)
    made = json.dumps(header).encode()
    made += b" " * (-len(made) % 8)
    file.write_bytes(len(made).to_bytes(8, "little") + made + content[8 + size:])
