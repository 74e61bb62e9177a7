"""The labels of the imported models with their groups, which were assigned by hand."""

import csv
from pathlib import Path


def read(name):
    """[(label, group)] of labels/NAME.csv, in the order of the outputs."""
    path = Path(__file__).resolve().parent / "labels" / f"{name}.csv"
    with open(path, encoding="utf-8", newline="") as file:
        return [(row["label"], row["group"]) for row in csv.DictReader(file)]
