"""The blocks that a free workspace with several members may have made, ever.

https://developers.notion.com/reference/workspace-block-limits
"""

from __future__ import annotations

from collections.abc import Callable

from notion_sync_demo.exchange import ApiError

GRACE_S = 3 * 86_400.0


class Quota:
    """Counts blocks that were made; what is deleted gives none back.

    :param most: how many there may be; ``None``: the workspace has no limit.
    """

    def __init__(self, most: int | None, clock: Callable[[], float]) -> None:
        self.most = most
        self.made = 0
        self._clock = clock
        self._grace_ends: float | None = None

    def spend(self, blocks: int) -> None:
        """Make so many; the first write over the limit passes and begins some days of grace.

        :raises ApiError: they are over.
        """
        if self.most is not None and self.made + blocks > self.most:
            if self._grace_ends is None:
                self._grace_ends = self._clock() + GRACE_S
            elif self._clock() >= self._grace_ends:
                raise ApiError(
                    403,
                    "restricted_resource",
                    "This workspace has reached its block limit. Upgrade its plan to create more blocks.",
                    block_limit="block_creation",
                )
        self.made += blocks
