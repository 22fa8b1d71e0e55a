"""Mappings for products whose exports look alike everywhere; each says how sure it is."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from importlib.resources import files

from pipelines.layout import plain
from privacy.errors import Refusal


def names() -> tuple[str, ...]:
    """Every preset, by name."""
    found = (each.name for each in files("pipelines.presets").iterdir())
    return tuple(sorted(name.removesuffix(".toml") for name in found if name.endswith(".toml")))


def text(name: str) -> str:
    """A preset as it is written. Raises Refusal where there is none of that name."""
    if name not in names():
        raise Refusal(f"There is no preset '{name}'; there are {', '.join(names())}.")
    return files("pipelines.presets").joinpath(f"{name}.toml").read_text(encoding="utf-8")


def fitting(headers: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """The presets all of whose headings are in a file, told by its first lines; two may be one header."""
    return tuple(name for name in names() if any(_fits(name, header) for header in headers))


def _fits(name: str, header: Sequence[str]) -> bool:
    (export,) = tomllib.loads(text(name))["exports"].values()
    wanted = {*export["columns"].values(), *export.get("keep", {}), *export.get("skip", {})}
    return {plain(heading) for heading in wanted} <= {plain(heading) for heading in header}
