"""Patients who never lived, written as the messy files that hospitals send.

>>> from kohort.synthetic import write_hospitals
>>> studies = write_hospitals("demo", patients=900, seed=1)

Three Nordic hospitals export cBioPortal study folders, each with its own habits and faults; `WrittenStudy.planted`
says exactly how many of each fault are in the files. Tumours, alterations, survival and responses follow published
frequencies (`kohort.synthetic.cited`); every table names its sources. Norwegian ids are of the reserved synthetic
series only.
"""

from kohort.synthetic.hospitals import DEFAULT_HOSPITALS
from kohort.synthetic.model import FAULTS, Fault, Habits, Hospital, Mess, PanelUse, WrittenStudy
from kohort.synthetic.study import write_hospitals
from kohort.synthetic.variant_file import write_variants

__all__ = [
    "DEFAULT_HOSPITALS",
    "FAULTS",
    "Fault",
    "Habits",
    "Hospital",
    "Mess",
    "PanelUse",
    "WrittenStudy",
    "write_hospitals",
    "write_variants",
]
