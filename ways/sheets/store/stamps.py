"""Stamps: what tells that a file is unchanged without reading it, and when that is believed. See ``docs/explanation/store.rst``."""

from __future__ import annotations

from time import monotonic_ns, time_ns

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NamedTuple
else:
    from ways.lightweight import NamedTuple

#: A content that is the same after so many ns, with the same stamp, can't change any more without another stamp: no file system
#: tells the time in longer steps than two seconds.
FRESH = 2_500_000_000
#: By how many ns the clocks of this machine may differ over that time.
_TOLERANCE = 500_000_000

#: Size, mtime_ns, ctime_ns, inode.
Stamp = tuple[int, int, int, int]
#: What the wall clock and the steady clock of a machine show, in ns.
Moment = tuple[int, int]


class FileStat(NamedTuple):
    """A file's stamp, and when its content was first and last seen with it.

    Moments of one machine are compared with each other, and stamps of one file with each other. No clock is compared with a
    stamp: that of a file server may be any time off. See ``docs/explanation/store.rst``.
    """

    stamp: Stamp
    #: After the stamp was taken.
    first: Moment
    #: After the stamp was taken, and before the content was read.
    last: Moment

    @classmethod
    def of(cls, stamp: Stamp) -> FileStat:
        """Return the stat of a file whose stamp was just taken, and which was never seen before."""
        moment = (time_ns(), monotonic_ns())
        return cls(stamp, moment, moment)

    def since(self, other: FileStat) -> FileStat:
        """Return this stat of a file that had the same stamp and content in *other*, seen before."""
        wall, steady = (mine - others for mine, others in zip(self.last, other.first))
        # On another machine, after a new start of this one, or where somebody set the clock, the two don't agree: it begins anew.
        is_of_one_clock = steady >= 0 and abs(wall - steady) <= _TOLERANCE + steady // 1000
        return self._replace(first=other.first) if is_of_one_clock else self

    @property
    def is_settled(self) -> bool:
        """Whether the content can't change any more without a change to the stamp."""
        return self.last[1] - self.first[1] >= FRESH

    def settled(self) -> FileStat:
        """Return this stat as one that is settled."""
        return FileStat(self.stamp, self.first, (self.first[0] + FRESH, self.first[1] + FRESH))


class KnownSheet(NamedTuple):
    """What is known of a sheet that has a stamp: when it was seen with it, and the key of its content then."""

    stat: FileStat
    key: str
    #: Whether the catalog knows it.
    is_cataloged: bool = False


def is_moment(value: object) -> bool:
    """Whether a value is what two clocks show."""
    return type(value) is tuple and len(value) == 2 and type(value[0]) is int and type(value[1]) is int
