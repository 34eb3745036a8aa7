"""When a job runs by itself: ``every 15m``, or five fields of cron.

Fields of cron are understood by `cronsim <https://pypi.org/project/cronsim/>`_, as Debian's cron understands them;
it is imported when there are such fields.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, tzinfo
from itertools import islice, pairwise

from attrs import frozen

from notion_sync_core.errors import ConfigError

_EVERY = re.compile(r"every\s+([1-9][0-9]{0,5})\s*(s|m|h|d)", re.I)
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_FIELDS = 5
_SHORTEST_S = 5
_EXAMPLES = 'a text like "every 15m" (s, m, h, d), or five fields of cron like "0 6 * * 1-5"'
_LOOKED_AT = 30
"""Times of a schedule by fields that its longest pause is taken from: weekends are among them."""


@frozen
class Schedule:
    """Moments at which a job is due.

    :param text: as in ``deployment.schedule``.
    :param zone: of fields of cron: a name as in the IANA data base.
    :raises ValueError: it is none; the message says what is expected.
    :raises ConfigError: what understands fields of cron is not installed.
    """

    text: str
    zone: str = "UTC"

    def __attrs_post_init__(self) -> None:
        check_zone(self.zone)
        if self._every() is None:
            _check_fields(self.text)

    def after(self, moment: float) -> float:
        """The first moment after another, both in seconds since the epoch."""
        every = self._every()
        return moment + every if every is not None else self._times(moment, 1)[0]

    @property
    def period_s(self) -> float:
        """The longest time between two runs; of fields of cron about so, from 2024 on."""
        every = self._every()
        if every is not None:
            return every
        times = self._times(datetime(2024, 1, 1, tzinfo=UTC).timestamp(), _LOOKED_AT)
        return max(later - earlier for earlier, later in pairwise(times))

    def missed(self, since: float, until: float) -> int:
        """How many moments lie between two others, at most some hundred."""
        count, moment = 0, self.after(since)
        while moment < until and count < 500:
            count, moment = count + 1, self.after(moment)
        return count

    def _every(self) -> float | None:
        found = _EVERY.fullmatch(self.text.strip())
        seconds = int(found[1]) * _SECONDS[found[2].lower()] if found else None
        if seconds is not None and seconds < _SHORTEST_S:
            raise ValueError(f"{_EXAMPLES}; at most every {_SHORTEST_S} seconds")
        return seconds

    def _times(self, moment: float, count: int) -> list[float]:
        from cronsim import CronSim

        start = datetime.fromtimestamp(moment, _zone(self.zone))
        return [each.timestamp() for each in islice(CronSim(self.text, start), count)]


def check_zone(zone: str) -> None:
    """Make sure that a time zone is known.

    :raises ValueError: it is not.
    """
    try:
        _zone(zone)
    except (OSError, ValueError, KeyError):  # what is no name may still be that of a folder
        raise ValueError(
            'the name of a time zone, like "Europe/Vienna" (a system without them: pip install tzdata)'
        ) from None


def _zone(name: str) -> tzinfo:
    if name == "UTC":
        return UTC
    from zoneinfo import ZoneInfo

    return ZoneInfo(name)


def _check_fields(text: str) -> None:
    if len(text.split()) != _FIELDS:
        raise ValueError(_EXAMPLES)
    try:
        from cronsim import CronSim, CronSimError
    except ImportError:
        raise ConfigError(
            "fields of cron need the library cronsim, which is not installed",
            'Install it (pip install cronsim), or write the schedule like "every 15m".',
        ) from None
    try:
        next(CronSim(text, datetime(2024, 1, 1, tzinfo=UTC)))
    except CronSimError as error:
        raise ValueError(f"{_EXAMPLES}; here: {str(error)[:1].lower()}{str(error)[1:]}") from None
    except StopIteration:
        raise ValueError(f"{_EXAMPLES}; no day of the next 50 years fits this one") from None
