"""The audit folder: what a data protection officer attaches to an assessment; from what is published."""

from __future__ import annotations

import csv
import io
import json
import shutil
from collections.abc import Iterable, Iterator, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

from pipelines.data_read import fields, never_read
from pipelines.documents import NAMES, documents
from pipelines.home import Home
from privacy import verify, verify_more, verify_releases
from privacy.entries import text_to_sign
from privacy.errors import Refusal
from privacy.records import Records
from privacy.signing import NAMESPACE, Signers
from privacy.witness import default_witness


def export_audit(home: Home, target: Path) -> Path:
    """Write the audit folder.

    Raises:
        Refusal: the target exists, nothing has been published yet, or the product's documents are missing.
    """
    if target.exists():
        raise Refusal(f"{target} exists already; name a folder that does not.")
    if not home.ledger_lines.exists():
        raise Refusal("There is no published ledger yet; run 'leeward init' first.")
    if not (documents() / "guarantee.md").exists():
        raise Refusal("The documents of this installation are missing; install Leeward again.")
    records = Records.from_file(home.ledger_lines)
    draft = target.with_name(f".{target.name}.draft")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    _copy_published(home, records, draft)
    _write_agreements(records, draft)
    _write_tables(home, draft)
    _copy_documents(draft)
    readme = files("pipelines").joinpath("templates", "audit_folder.md").read_text(encoding="utf-8")
    filled = readme.format(organisation=records.organisation, namespace=NAMESPACE)
    (draft / "README.md").write_text(filled, encoding="utf-8")
    draft.rename(target)
    return target


def _copy_published(home: Home, records: Records, folder: Path) -> None:
    for file in (home.policy, home.register, home.ledger_lines):
        shutil.copyfile(file, folder / file.name)
    witness = default_witness(records.ledger_id)
    if witness.exists():
        shutil.copyfile(witness, folder / "witness.heads")
    (folder / "certificates").mkdir()
    (folder / "releases").mkdir()
    for release in sorted(path for path in home.releases.iterdir() if not _is_aside(path)):
        shutil.copytree(release, folder / "releases" / release.name)
        shutil.copyfile(release / "certificate.json", folder / "certificates" / f"{release.name}.json")


def _is_aside(path: Path) -> bool:
    return path.is_symlink() or path.name.startswith(".")


def _write_agreements(records: Records, folder: Path) -> None:
    """Each agreement as the very text that was signed, beside it its signatures, and all keys together."""
    agreements = folder / "agreements"
    agreements.mkdir()
    keys: dict[str, str] = {}
    for entry in records.entries:
        if entry.kind == "plan":
            keys |= {n: key.text for n, key in Signers.from_json(entry.body["policy"]["signing"]).keys}
        if "signatures" in entry.body:
            stem = f"{entry.seq:06d}-{entry.kind}"
            text = text_to_sign(records.ledger_id, entry.kind, entry.body)
            (agreements / f"{stem}.json").write_text(text, encoding="utf-8")
            for name, signature in entry.body["signatures"].items():
                (agreements / f"{stem}.{_plain(name)}.sig").write_text(signature, encoding="ascii")
    lines = [f'{_plain(name)} namespaces="{NAMESPACE}" {key}' for name, key in sorted(keys.items())]
    (folder / "allowed_signers").write_text("\n".join([*lines, ""]), encoding="utf-8")


def _plain(name: str) -> str:
    """A signer's name as ``allowed_signers`` and a file can hold it."""
    return "".join(sign if sign.isascii() and sign.isalnum() else "-" for sign in name)


def _write_tables(home: Home, folder: Path) -> None:
    _write_csv(folder / "fields.csv", fields())
    _write_csv(folder / "never-read.csv", never_read())
    _write_csv(folder / "suppression.csv", _blanks(home.releases / "latest"))


def _blanks(latest: Path) -> Iterator[Mapping[str, str]]:
    """Every blank of the newest release: one row a cell."""
    if not latest.exists():
        return
    sentences = json.loads((latest / "datapackage.json").read_text(encoding="utf-8"))["blanks"]
    columns = ("period", "level", "unit_id", "unit_name", "indicator", "reason")
    with open(latest / "indicators.csv", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["status"] == "blank":
                yield {column: row[column] for column in columns} | {"why": sentences[row["reason"]]}


def _write_csv(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    found = list(rows)
    text = io.StringIO()
    writer = csv.DictWriter(text, list(found[0]) if found else [], lineterminator="\n")
    writer.writeheader()
    writer.writerows(found)
    path.write_text(text.getvalue(), encoding="utf-8")


def _copy_documents(folder: Path) -> None:
    for module in (verify, verify_releases, verify_more):
        shutil.copyfile(str(module.__file__), folder / f"{module.__name__.rpartition('.')[2]}.py")
    for name in NAMES:
        shutil.copyfile(documents() / name, folder / name)
    shutil.copytree(documents() / "figures", folder / "figures")
