"""Access: who may do what. Permits and site policies are checked here, and the ledger remembers."""

from kohort.access.entries import Act, Entry, Head, Problem
from kohort.access.ledger import Ledger
from kohort.access.permits import Permit, PermitRefusedError, Request, check
from kohort.access.policy import DEFAULT_MINIMUM_COUNT, Purpose, SitePolicy

__all__ = [
    "DEFAULT_MINIMUM_COUNT",
    "Act",
    "Entry",
    "Head",
    "Ledger",
    "Permit",
    "PermitRefusedError",
    "Problem",
    "Purpose",
    "Request",
    "SitePolicy",
    "check",
]
