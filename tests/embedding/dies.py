"""A sync that is killed at one of its events, as a power cut or ``kill -9`` would: nothing is put away.

Started as a script: the job's facts in JSON, and the number of the event.
"""

from __future__ import annotations

import json
import os
import signal
import sys

from notion_sync_core import Event, Job

facts, last = json.loads(sys.argv[1]), int(sys.argv[2])
seen = 0


def count(_: Event) -> None:
    global seen
    seen += 1
    if seen == last:
        os.kill(os.getpid(), signal.SIGKILL)


Job.of(**facts).sync(on_event=count)
