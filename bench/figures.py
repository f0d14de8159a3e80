# SPDX-License-Identifier: MIT
"""Every figure that the interface gives of the generated logs equals the same from the generator's own list."""

from collections import Counter
from datetime import datetime, timedelta, timezone

import als
import generated

HOUR_MS, DAY_MS = 3_600_000, 86_400_000


def _start(log, width_ms):
    return datetime.fromtimestamp(log.at_ms // width_ms * width_ms // 1000, timezone.utc)


class Tenant:
    """What the interface says of a tenant, and what the list says, figure by figure."""

    def __init__(self, client, logs, end):
        self.client, self.logs = client, logs
        self.dates = {"startDate": als.iso(end - timedelta(days=31)), "endDate": als.iso(end + timedelta(hours=1))}
        # Some of the range, with ragged ends.
        self.some = end - timedelta(days=2, hours=3, minutes=7, milliseconds=11)

    def _data(self, path, **parameters):
        answer = self.client.get(path, params={**self.dates, **parameters})
        assert answer.status_code == 200, f"{path} {parameters}: {answer.text}"
        return answer.json()["data"]

    def _chosen(self, since):
        return {"startDate": als.iso(since)}, [log for log in self.logs if log.at_ms >= round(since.timestamp() * 1000)]

    def stats(self):
        services = {}
        for log in self.logs:
            services.setdefault(log.service, []).append(log)
        for service, logs in services.items():
            rows = self._data("/stats", service=service, limit=1000)
            yield {row["action"]: row["count"] for row in rows}, Counter(log.action for log in logs)
            yield ({(row["action"], severity): count for row in rows for severity, count in row["severity"].items() if count},
                   Counter((log.action, log.severity) for log in logs))
        for fields in ("service", "action", "severity", "outcome", "severity,outcome"):
            for dates, logs in (({}, self.logs), self._chosen(self.some)):
                rows = self._data("/stats", groupBy=fields, limit=1000, **dates)
                yield ({tuple(row[field] for field in fields.split(",")): row["count"] for row in rows},
                       Counter(tuple(getattr(log, field) for field in fields.split(",")) for log in logs))

    def timeseries(self):
        for interval, width, since in (("day", DAY_MS, self.some - timedelta(days=28)), ("hour", HOUR_MS, self.some)):
            dates, logs = self._chosen(since)
            rows = self._data("/stats/timeseries", interval=interval, **dates)
            yield {als.moment(row["start"]): row["count"] for row in rows if row["count"]}, Counter(_start(log, width) for log in logs)

    def top(self):
        for field in ("service", "action"):
            rows = self._data("/stats/top", field=field, limit=1000)
            yield {row["value"]: row["count"] for row in rows}, Counter(getattr(log, field) for log in self.logs)
        dates, logs = self._chosen(self.some)
        yield from self._leading(self._data("/stats/top", field="userId", limit=1000, **dates), Counter(log.user for log in logs), 1000)

    def facets(self):
        fields = {"service": "service", "action": "action", "severity": "severity", "userId": "user"}
        found = self._data("/logs/facets", field=",".join(fields))
        for field, name in fields.items():
            yield from self._leading(found[field], Counter(getattr(log, name) for log in self.logs), 10)

    @staticmethod
    def _leading(rows, counts, limit):
        """The first of a ranking: the right counts, in the right order, each of the value that is named."""
        yield {row["value"]: row["count"] for row in rows}, {row["value"]: counts[row["value"]] for row in rows}
        yield dict(enumerate(row["count"] for row in rows)), dict(enumerate(count for _, count in counts.most_common(limit)))

    def histogram(self):
        for interval, width, since in (("day", DAY_MS, self.some - timedelta(days=28)), ("hour", HOUR_MS, self.some)):
            for by in ("severity", "service", "action", "outcome"):
                dates, logs = self._chosen(since)
                steps = self._data("/logs/histogram", interval=interval, by=by, **dates)
                yield ({(als.moment(step["start"]), value): count for step in steps for value, count in step["counts"].items() if count},
                       Counter((_start(log, width), getattr(log, by)) for log in logs))


def figures(given):
    """histogram, facets, timeseries, top and stats of each tenant against the generator's list."""
    made = generated.load(given.logs, untouched=True)
    everything = made.logs()
    end = datetime.fromtimestamp(made.end_ms / 1000, timezone.utc)
    for kind in ("histogram", "facets", "timeseries", "top", "stats"):
        compared = 0
        for number in range(generated.TENANTS):
            with als.Client(tenant=made.tenant(number)) as client:
                tenant = Tenant(client, [log for log in everything if log.tenant == number], end)
                for ours, wanted in getattr(tenant, kind)():
                    differ = {key for key in {*ours, *wanted} if ours.get(key, 0) != wanted.get(key, 0)}
                    assert not differ, f"{kind}: {len(differ)} differ, such as {[(key, ours.get(key), wanted.get(key)) for key in sorted(differ, key=str)[:3]]}"
                    compared += len(wanted)
        print(f"  {kind}: {compared} figures, all equal", flush=True)
    return [{}]


BENCHES = {"figures": figures}
