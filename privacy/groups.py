"""Public groups: which units are measured (rule 1) and which of them are shown (rule 2).

Everything here is a function of the public register, the policy and noisy numbers; never of a person.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

Z95 = 1.959963984540054
DIRECT, SMALL = ":direct", ":small"


@dataclass(frozen=True)
class Unit:
    """A unit of the register on one day. ``posts`` are its own authorised posts, without its children's."""

    id: str
    name: str
    parent: str | None
    posts: int
    service_line: str


@dataclass(frozen=True)
class Group:
    """A set of people that is measured.

    ``posts`` are all authorised posts inside it, ``service_line`` the line that most of them have.
    """

    id: str
    name: str
    parent: str | None
    level: str
    posts: int
    service_line: str

    def to_json(self) -> list[Any]:
        return [self.id, self.name, self.parent, self.level, self.posts, self.service_line]

    @classmethod
    def from_json(cls, row: Sequence[Any]) -> Group:
        return cls(*row)


@dataclass(frozen=True, order=True)
class Placement:
    """Where the people of a unit are counted, and the unit's own service line."""

    unit: str
    leaf: str
    service_line: str


@dataclass(frozen=True, eq=False)
class GroupTree:
    """The groups of one span of time, parents before children, and the leaf group of every unit.

    Every person belongs to exactly one leaf, hence to at most one group a level. A tree is compared
    and hashed by identity, so that what is worked out for it can be kept.
    """

    groups: tuple[Group, ...]
    placements: tuple[Placement, ...]

    @cached_property
    def by_id(self) -> Mapping[str, Group]:
        return {group.id: group for group in self.groups}

    @cached_property
    def levels(self) -> tuple[str, ...]:
        """The levels that have groups, the root's first."""
        return tuple(dict.fromkeys(group.level for group in self.groups))

    @cached_property
    def _children(self) -> Mapping[str, tuple[Group, ...]]:
        table: dict[str, list[Group]] = {group.id: [] for group in self.groups}
        for group in self.groups:
            if group.parent is not None:
                table[group.parent].append(group)
        return {parent: tuple(children) for parent, children in table.items()}

    def children(self, group_id: str) -> tuple[Group, ...]:
        return self._children[group_id]

    def at(self, level: str) -> tuple[Group, ...]:
        return tuple(group for group in self.groups if group.level == level)

    def ancestry(self, group_id: str) -> tuple[Group, ...]:
        """The group and all above it, the root last."""
        chain = [self.by_id[group_id]]
        while (parent := chain[-1].parent) is not None:
            chain.append(self.by_id[parent])
        return tuple(chain)

    @property
    def leaves(self) -> tuple[Group, ...]:
        return tuple(group for group in self.groups if not self._children[group.id])

    def cut_below(self, level: str) -> GroupTree:
        """The same people, not divided below a level: the tree of an item that stops there."""
        if level not in self._cuts:
            self._cuts[level] = self._cut(level)
        return self._cuts[level]

    @cached_property
    def _cuts(self) -> dict[str, GroupTree]:
        return {}

    def _cut(self, level: str) -> GroupTree:
        kept = self.levels[: self.levels.index(level) + 1] if level in self.levels else self.levels
        groups = tuple(group for group in self.groups if group.level in kept)
        known = {group.id for group in groups}
        placements = tuple(
            replace(place, leaf=next(above.id for above in self.ancestry(place.leaf) if above.id in known))
            for place in self.placements
        )
        return GroupTree(groups, placements)

    def to_json(self) -> dict[str, Any]:
        return {
            "groups": [group.to_json() for group in self.groups],
            "units": [[place.unit, place.leaf, place.service_line] for place in self.placements],
        }

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> GroupTree:
        groups = tuple(Group.from_json(row) for row in body["groups"])
        return cls(groups, tuple(Placement(*row) for row in body["units"]))


def plan_groups(units: Iterable[Unit], levels: Sequence[str], minimum: int) -> GroupTree:
    """Rule 1: units below ``minimum`` authorised posts are no group of their own.

    The small units of a parent form its child "(small units)", people attached to an inner unit its
    child "(direct)" (or join the small ones where the unit's own posts are below the minimum), so that
    children add up to their parent whoever works where.

    Args:
        units: the units in force, exactly one of them without a parent.
        levels: names of the depths of the tree, the root's first, down to the lowest planned one.
        minimum: the minimum group size, in posts.
    """
    grower = _Grower({unit.id: unit for unit in units}, tuple(levels), minimum)
    root = next(unit for unit in grower.units.values() if unit.parent is None)
    grower.grow(root, None, 0)
    return GroupTree(tuple(grower.groups), tuple(sorted(grower.placements)))


class _Grower:
    def __init__(self, units: Mapping[str, Unit], levels: tuple[str, ...], minimum: int) -> None:
        self.units, self.levels, self.minimum = units, levels, minimum
        self.children: dict[str, list[Unit]] = {unit: [] for unit in units}
        for unit in units.values():
            if unit.parent is not None:
                self.children[unit.parent].append(unit)
        self.groups: list[Group] = []
        self.placements: list[Placement] = []

    def family(self, unit: Unit) -> list[Unit]:
        return [unit, *(member for child in self.children[unit.id] for member in self.family(child))]

    def posts(self, unit: Unit) -> int:
        return _posts(self.family(unit))

    def grow(self, unit: Unit, parent: str | None, depth: int) -> None:
        level = self.levels[depth]
        family = self.family(unit)
        self.groups.append(Group(unit.id, unit.name, parent, level, _posts(family), _main_line(family)))
        if depth + 1 == len(self.levels):
            self.settle(family, unit.id)
            return
        large = [child for child in self.children[unit.id] if self.posts(child) >= self.minimum]
        small = [child for child in self.children[unit.id] if self.posts(child) < self.minimum]
        for child in large:
            self.grow(child, unit.id, depth + 1)
        if small and unit.posts < self.minimum:
            self.gather([unit], small, SMALL, unit, depth + 1)
            return
        self.gather([unit], [], DIRECT, unit, depth + 1)
        if small:
            self.gather([], small, SMALL, unit, depth + 1)

    def gather(self, attached: list[Unit], whole: list[Unit], suffix: str, parent: Unit, depth: int) -> None:
        """One group of people attached to a unit itself and of whole small units."""
        members = attached + [member for child in whole for member in self.family(child)]
        label = "(small units)" if suffix == SMALL else "(direct)"
        group = parent.id + suffix
        name = f"{parent.name} {label}"
        self.groups.append(
            Group(group, name, parent.id, self.levels[depth], _posts(members), _main_line(members))
        )
        self.settle(members, group)

    def settle(self, members: Iterable[Unit], group: str) -> None:
        self.placements += [Placement(member.id, group, member.service_line) for member in members]


def _posts(units: Iterable[Unit]) -> int:
    return sum(unit.posts for unit in units)


def _main_line(units: Sequence[Unit]) -> str:
    """The service line with the most posts; of equals the first by name."""
    lines = sorted({unit.service_line for unit in units})
    return max(lines, key=lambda line: _posts(unit for unit in units if unit.service_line == line))


def large_enough(noisy_count: float, deviation: float, minimum: int) -> bool:
    """Rule 2: the lower end of the 95 % interval of the *noisy* count reaches the minimum."""
    return noisy_count - Z95 * deviation >= minimum


def hidden_siblings(tree: GroupTree, hidden: frozenset[str]) -> frozenset[str]:
    """What must be blank beside what is, so that no blank can be worked out from a parent and its children.

    Of a parent and its children either none is blank or at least two: where it is one alone, the next
    smallest child by posts is blank too, else the parent (never the whole organisation). A child
    without authorised posts is empty by public declaration, so its blank hides nobody.
    """
    blank = set(hidden)
    while added := {also for group in tree.groups if (also := _lone_blank(tree, group, blank)) is not None}:
        blank |= added
    return frozenset(blank) - hidden


def _lone_blank(tree: GroupTree, parent: Group, blank: set[str]) -> str | None:
    """The member that must join the only blank one of a family, if there is such a one."""
    children = [child for child in tree.children(parent.id) if child.posts]
    if sum(member.id in blank for member in (*children, parent)) != 1 or not children:
        return None
    shown = [child for child in children if child.id not in blank]
    if shown:
        return min(shown, key=lambda child: (child.posts, child.id)).id
    return parent.id if parent.parent is not None else None
