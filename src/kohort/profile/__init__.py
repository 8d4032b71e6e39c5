"""From a tumour's alterations to what they mean, sourced cell by cell, and read again when knowledge changes.

``normalise`` reads one alteration in any notation, ``normalise_frame`` a whole variant table; knowledge packs
(``load_pack``, ``starter_pack``) hold evidence with its sources; ``annotate`` joins the two, ``patient_profile`` tells
one patient's whole profile; ``reinterpret`` lists whom new knowledge concerns, ``patients_like`` who is most like one.
"""

from kohort.profile.alterations.alteration import Alteration
from kohort.profile.alterations.frames import normalise_frame
from kohort.profile.alterations.normaliser import normalise
from kohort.profile.annotation import BIOMARKER_SCHEMA, annotate
from kohort.profile.biomarkers.germline import germline_findings
from kohort.profile.biomarkers.hrd import hrd_table
from kohort.profile.biomarkers.msi import msi_table
from kohort.profile.biomarkers.signatures import signature_table
from kohort.profile.biomarkers.tmb import drup_tmb, tmb_table
from kohort.profile.board_table import board_table
from kohort.profile.knowledge.differences import Difference, diff
from kohort.profile.knowledge.load import load_pack, starter_pack
from kohort.profile.knowledge.pack import Manifest, Pack
from kohort.profile.patient import PatientProfile, patient_profile
from kohort.profile.ranking.best import best
from kohort.profile.ranking.ranks import TIERS
from kohort.profile.reinterpretation import Reinterpretation, reinterpret
from kohort.profile.similar import patients_like
from kohort.profile.summary import biomarker_table

__all__ = [
    "BIOMARKER_SCHEMA",
    "TIERS",
    "Alteration",
    "Difference",
    "Manifest",
    "Pack",
    "PatientProfile",
    "Reinterpretation",
    "annotate",
    "best",
    "biomarker_table",
    "board_table",
    "diff",
    "drup_tmb",
    "germline_findings",
    "hrd_table",
    "load_pack",
    "msi_table",
    "normalise",
    "normalise_frame",
    "patient_profile",
    "patients_like",
    "reinterpret",
    "signature_table",
    "starter_pack",
    "tmb_table",
]
