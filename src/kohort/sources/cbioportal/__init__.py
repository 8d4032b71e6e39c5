"""cBioPortal study folders: clinical files, molecular profiles, panels, timelines."""

from kohort.sources.cbioportal.split import split_study
from kohort.sources.cbioportal.study import open_study, recognises

__all__ = ["open_study", "recognises", "split_study"]
