"""One site's tables on disk: batches, lineage, quarantine, pseudonyms."""

from kohort.store.reading import SiteTables
from kohort.store.report import FileReport, Finding, IngestReport
from kohort.store.site import Site

__all__ = ["FileReport", "Finding", "IngestReport", "Site", "SiteTables"]
