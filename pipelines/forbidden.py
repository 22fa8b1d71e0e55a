"""What Leeward never reads: headings that a mapping may not name, each with the reason."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Forbidden:
    """A kind of personal data, a pattern over a heading's lower-case words, and why it stays out.

    ``export`` narrows the pattern to one export.
    """

    what: str
    pattern: str
    reason: str
    export: str = ""


_PEOPLE = "first|last|middle|full|maiden|preferred|legal|given|family|known|employee|worker|staff|person|user"
_LEADERS = "manager|supervisor|associate|colleague|leader|approver"

FORBIDDEN = (
    Forbidden(
        "a name",
        rf"(^| )(name|surname|forenames?|initials)$|^name |(({_PEOPLE}|{_LEADERS}) ?(full)?names?)( |$)",
        "an id is enough to join a person's rows",
    ),
    Forbidden(
        "a birth date or an age",
        r"birth|(^| )dob( |$)|(^| )age( |$)",
        "no indicator needs it and it singles people out",
    ),
    Forbidden(
        "an address or another way to reach a person",
        r"address|street|post ?code|postal|(^| )zip( |$)|e ?mail$|phone|mobile number",
        "no indicator needs it and it singles people out",
    ),
    Forbidden(
        "free text",
        r"comment|remark|(^| )notes?( |$)|narrative|free ?text|description|memo|explanation",
        "what people write may name anybody",
    ),
    Forbidden(
        "a diagnosis or another health matter",
        r"diagnos|(^| )icd|disease|illness|symptom|medical (condition|reason|history)|sick(ness)? reason"
        r"|absence reason|leave reason|level 2 reason|reason (for|of) (the )?(absence|leave|sickness)"
        r"|body mass|(^| )bmi( |$)|^(weight|height)$|smoker|drinker|disabilit",
        "the hours lost are enough; why a person was ill is theirs",
    ),
    Forbidden(
        "the reason of an absence",
        r"^(related )?reasons?$",
        "it is a diagnosis or free text in most systems; map a coarse absence type instead",
        export="absences",
    ),
    Forbidden(
        "somebody's own trauma history",
        r"trauma history|(personal|own) trauma|(^| )aces?( score)?$",
        "it is never collected for a metric",
    ),
    Forbidden(
        "a person's mood or journal",
        r"mood|journal|diary|sentiment|feeling|well ?being|(^| )e ?sat( |$)|satisfaction|engagement",
        "only anonymous survey waves measure how people feel",
    ),
    Forbidden(
        "a score or a prediction of one person",
        r"bradford|perf(ormance)? ?(score|rating|review)|risk|propensity|predict|episodes squared",
        "Leeward describes the organisation and never rates a person",
    ),
)

_WORD_BREAK = re.compile(r"(?<=[a-z])(?=[A-Z])|[^0-9A-Za-zÀ-ÿ]+")
# "Unit Name" and the like name a part of the organisation, not a person.
_OF_THE_ORGANISATION = re.compile(
    r"(unit|team|department|dept|division|programme|program|organi[sz]ation|org|location|site|job|role"
    r"|position|post|service|cost cent(re|er)|type|group) (long |short )?name$"
)


def why_forbidden(heading: str, export: str) -> Forbidden | None:
    """The reason why a heading may not be mapped, or None where it may be."""
    words = " ".join(part.lower() for part in _WORD_BREAK.split(heading) if part)
    for entry in FORBIDDEN:
        if entry.export not in ("", export) or not re.search(entry.pattern, words):
            continue
        if entry.what == "a name" and _OF_THE_ORGANISATION.search(words):
            continue
        return entry
    return None
