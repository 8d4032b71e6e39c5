"""From a tumour's alterations to what they mean, sourced cell by cell.

``normalise`` reads one alteration in any notation, ``normalise_frame`` a whole variant table; knowledge packs
(``load_pack``, ``starter_pack``) hold evidence with its sources; ``annotate`` joins the two.
"""

from kohort.profile.alterations.alteration import Alteration
from kohort.profile.alterations.frames import normalise_frame
from kohort.profile.alterations.normaliser import normalise
from kohort.profile.annotation import annotate
from kohort.profile.knowledge.load import load_pack, starter_pack
from kohort.profile.knowledge.pack import Pack
from kohort.profile.similar import patients_like
from kohort.profile.summary import biomarker_table

__all__ = [
    "Alteration",
    "Pack",
    "annotate",
    "biomarker_table",
    "load_pack",
    "normalise",
    "normalise_frame",
    "patients_like",
    "starter_pack",
]
