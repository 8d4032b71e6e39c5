"""From a tumour's alterations to what they mean, sourced cell by cell.

``normalise`` reads one alteration in any notation, ``normalise_frame`` a whole variant table; knowledge packs
(``load_pack``, ``load_civic``, ``starter_pack``) hold evidence with its sources; ``annotate`` joins the two.
"""

from kohort.profile.alteration import Alteration
from kohort.profile.annotation import annotate
from kohort.profile.civic import load_civic
from kohort.profile.frames import normalise_frame
from kohort.profile.normaliser import normalise
from kohort.profile.packs import Pack, load_pack, starter_pack
from kohort.profile.summary import biomarker_table

__all__ = [
    "Alteration",
    "Pack",
    "annotate",
    "biomarker_table",
    "load_civic",
    "load_pack",
    "normalise",
    "normalise_frame",
    "starter_pack",
]
