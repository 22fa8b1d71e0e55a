"""``leeward set-aside``: rows that do not count, given out to be mended and loaded again."""

from __future__ import annotations

import argparse
from pathlib import Path

from pipelines.home import Home


def declare(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    export = actions.add_parser("export", help="write them as sheets (CSV) in the headings of their files")
    export.add_argument("folder", type=Path, help="the folder that holds the exports")
    export.set_defaults(call=_export)
    load = actions.add_parser("load", help="take a mended sheet in")
    load.add_argument("sheet", type=Path, help="the mended sheet")
    load.add_argument("folder", type=Path, help="the folder that holds the exports")
    load.set_defaults(call=_load)


def _export(chosen: argparse.Namespace) -> int:
    from pipelines.installation import check
    from pipelines.mending import write_sheets

    home = Home.from_environment()
    check(home)
    sheets = write_sheets(home, chosen.folder.resolve())
    for sheet in sheets:
        where = sheet.path or f"no sheet: {sheet.why_not}."
        print(f"  {sheet.file_name}: {sheet.rows} rows set aside; {where}")
    if any(sheet.path for sheet in sheets):
        print(
            "Mend the rows there, take out those that cannot be mended, and load each sheet: "
            "leeward set-aside load SHEET FOLDER.\nSheets hold people's ids: they are to stay where they are."
        )
    else:
        print("There is nothing to mend.")
    return 0


def _load(chosen: argparse.Namespace) -> int:
    from pipelines.installation import check
    from pipelines.mending import store_mended
    from pipelines.verbs.ingest import take_in

    home = Home.from_environment()
    check(home)
    load, rows, left_out = store_mended(home, chosen.sheet)
    print(f"{rows} mended rows stand for those of {load.file_name}.")
    if left_out:
        print(
            f"Left out, by the line where each stood: {', '.join(map(str, left_out))}. The file holds no "
            "more what they were made of; or they say another person or nobody, which is to be corrected "
            "in the file itself."
        )
    take_in(home, chosen.folder)
    return 0
