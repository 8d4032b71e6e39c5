"""The three hospitals of the demo: one country, one set of habits each."""

from __future__ import annotations

from kohort.synthetic.model import Habits, Hospital, PanelUse

__all__ = ["DEFAULT_HOSPITALS"]

_LARGE = PanelUse("KOHORT500", "500", megabases=1.29, share=1.0)

DEFAULT_HOSPITALS: tuple[Hospital, ...] = (
    Hospital(
        code="oslo",
        name="Oslo",
        country="NO",
        share=0.40,
        ids="norwegian",
        id_prefix="OSL",
        panels=(_LARGE,),
        untested=0.06,
        habits=Habits(),
    ),
    Hospital(
        code="uppsala",
        name="Uppsala",
        country="SE",
        share=0.35,
        ids="local",
        id_prefix="UPP",
        panels=(
            PanelUse("KOHORT161", "161", megabases=0.48, share=0.7),
            PanelUse("KOHORT161-DNA", "161", megabases=0.48, share=0.3, copy_number=False),
        ),
        untested=0.10,
        habits=Habits(
            newline="\r\n",
            header_case="lower",
            column_order="sample_first",
            birth="year",
            split_combinations=True,
            short_responses=True,
            places=("Gävle", "Falun", "Västerås", "Örebro"),
        ),
    ),
    Hospital(
        code="aarhus",
        name="Aarhus",
        country="DK",
        share=0.25,
        ids="local",
        id_prefix="AAR",
        panels=(
            PanelUse("KOHORT500", "500", megabases=1.29, share=0.6),
            PanelUse("KOHORT161", "161", megabases=0.48, share=0.4),
        ),
        untested=0.35,
        habits=Habits(
            comment_lines=False,
            header_case="title",
            column_order="sorted",
            mixed_encoding=True,
            combination=", ",
            places=("Aalborg", "Hjørring", "Næstved", "Sønderborg"),
        ),
    ),
)
