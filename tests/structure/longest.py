"""Print the longest files and functions: ``python -m tests.structure.longest``."""

from __future__ import annotations

import statistics

from rich.console import Console

from tests.structure.rules import FILE_CEILING, FUNCTION_AIM, FUNCTION_CEILING, TEST_FILE_CEILING
from tests.structure.tree import functions, length, parsed, python_files, shown


def main() -> None:
    """The ten longest files and functions of the package and of the tests, with the ceilings beside them."""
    console = Console(soft_wrap=True, highlight=False)
    for title, folders, ceiling in (
        ("package, benchmarks, docs", ("src", "benchmarks", "docs"), FILE_CEILING),
        ("tests", ("tests",), TEST_FILE_CEILING),
    ):
        paths = python_files(*folders)
        sizes = sorted(((len(p.read_text("utf-8").splitlines()), shown(p)) for p in paths), reverse=True)
        found = sorted(
            ((length(f), f"{shown(p)}:{f.lineno} {f.name}") for p in paths for f in functions(parsed(p))),
            reverse=True,
        )
        lengths = [size for size, _ in found]
        median = statistics.median(lengths) if lengths else 0
        over = sum(size > FUNCTION_AIM for size in lengths)
        console.print(f"{title}: {len(paths)} files, {sum(n for n, _ in sizes)} lines; ceiling {ceiling}")
        for size, name in sizes[:10]:
            console.print(f"  {size:4} lines  {name}")
        console.print(
            f"{title}: {len(lengths)} functions, median {median:g} lines, "
            f"{over} over {FUNCTION_AIM}; ceiling {FUNCTION_CEILING}"
        )
        for size, name in found[: max(10, over)]:
            console.print(f"  {size:4} lines  {name}")


if __name__ == "__main__":
    main()
