# SPDX-License-Identifier: MIT
"""What was sent and what was acknowledged: the truth that the stores are held against.

Every line also goes to a file, in the order in which it happened, so that a run that found a
difference can be looked into afterwards."""

import threading
from collections import Counter, deque
from dataclasses import dataclass


@dataclass(frozen=True)
class Event:
    """One logical event. However often it is sent, it must be stored and counted once."""

    id: str
    service: str
    action: str
    user: str
    severity: str
    outcome: str | None
    at_ms: int

    def cell(self):
        return f"{self.severity}_{self.outcome or 'none'}"


class Ledger:
    def __init__(self, path):
        self._file = open(path, "w", encoding="utf-8")
        self._lock = threading.Lock()
        self.events = {}  # id -> Event
        self.acknowledged = set()  # ids
        self.sends = Counter()  # door -> records sent, retries included
        self.recent = deque(maxlen=1000)  # acknowledged over HTTP, for retries through the other door
        self.poison = {}  # key -> was it acknowledged?

    def sent(self, events, door):
        with self._lock:
            self.sends[door] += len(events)
            for event in events:
                self.events[event.id] = event
                self._file.write(f"sent {door} {event}\n")

    def acked(self, ids):
        with self._lock:
            self.acknowledged.update(ids)
            self._file.writelines(f"acked {event_id}\n" for event_id in ids)

    def poisoned(self, key, acknowledged):
        with self._lock:
            self.poison[key] = self.poison.get(key, False) or acknowledged
            self._file.write(f"poison {key} {acknowledged}\n")

    def note(self, text):
        with self._lock:
            self._file.write(f"note {text}\n")
            self._file.flush()

    def close(self):
        self._file.close()
