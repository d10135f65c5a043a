"""Files of other programs in a folder of sheets: what tells them from sheets of ours."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ways.errors import nearest
from ways.sheets.document import Draft

#: The key of a sheet in a file that can't be read as a whole: in YAML and TOML at the margin, without a list below it; in JSON
#: anywhere, without a list behind it.
_MENTIONS = re.compile(
    rb"""^["']?plugins?["']?[ \t]*[:=](?!\s*-)|"plugins?"\s*:(?!\s*\[)|^[ \t]*\[[ \t]*["']?plugins?["']?[ \t]*[.\]]""",
    re.MULTILINE | re.IGNORECASE,
)


def is_other(draft: Draft, data: bytes) -> bool:
    """Whether a file is no sheet, though its name ends as a sheet's: neither ``plugins`` nor a key near that holds tables.

    A file that breaks a limit is a sheet, lest that be passed over; one that is written wrongly is, if it mentions the key. One
    that is empty, or says its syntax, is one too.
    """
    if draft.is_lost:
        return all(problem.code == "syntax" for problem in draft.problems) and _MENTIONS.search(data) is None
    values = draft.data
    if not isinstance(values, Mapping):
        return values is not None
    own = values.get("globals")
    if not values or (isinstance(own, Mapping) and "syntax" in own):
        return False
    return not any(_has_tables(value, key == "plugins") and _is_near(key) for key, value in values.items())


def _has_tables(value: object, may_be_empty: bool) -> bool:
    return isinstance(value, Mapping) and (any(isinstance(item, Mapping) for item in value.values()) or (may_be_empty and not value))


def _is_near(key: object) -> bool:
    return key == "plugins" or bool(nearest(str(key), ("plugins",), cutoff=0.75))
