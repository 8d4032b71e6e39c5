"""The field's languages: what a code, a name, a date or an id means, without any patient.

=================  ==================================================================================
`oncotree`         tumour types and their tree: ``find``, ``is_a``, ``descendants``, ``is_liquid``
`doid`             what a disease is a kind of, where a site keeps the Disease Ontology: ``table``
`genes`            gene symbols, earlier and other names: ``resolve``, ``candidates``
`drugs`            drug names as written to INN, with ATC and classes: ``parse``, ``find``
`dates`            dates known to the day, month or year: ``PartialDate``, ``parse``
`national_ids`     ids of the Nordic countries and the Netherlands; invented Norwegian ones
`icd`              ICD-10 and ICD-O-3: one way of writing, and the form
=================  ==================================================================================

Tables that travel with Kohort are small and its own; whole vocabularies are packs that a site keeps beside it
(``KOHORT_KNOWLEDGE``). Lookups of a whole column (``*_series``) work on distinct values.
"""

from kohort.codes import dates, doid, drugs, genes, icd, national_ids, oncotree
from kohort.codes._data import Source

__all__ = ["Source", "dates", "doid", "drugs", "genes", "icd", "national_ids", "oncotree"]
