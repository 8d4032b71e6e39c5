"""Criteria decided inside the engine that holds the tables: DuckDB, Spark or PostgreSQL, through Ibis.

    with site.engine("spark://local[2]") as engine:
        matches = Pushdown(engine, known_by=as_of).match(trials, as_of)

For all leaves that read the same rows, whatever their number:

1. the engine is asked for the distinct *contents* of these rows (`relations`): gene, change and class of the variants
   of the genes that are asked, codes of tumours, what tests cover ...;
2. each content is judged once, by the rules of the in-memory index (`judging`). Contents that no leaf tells apart
   become one class;
3. the table of contents and classes goes to the engine, which joins it with its rows and gives back who has a row of
   which class: two numbers a person and class, no text and no date.

The bitmaps are those of the in-memory index, since the same functions judge the same rows. `plans` says which kinds
of leaves go this way; the others are pulled: they read the columns they need through the engine and are decided in
the process.
"""

from kohort.match.pushdown.plans import PLANS
from kohort.match.pushdown.pushdown import Pushdown

__all__ = ["PLANS", "Pushdown"]
