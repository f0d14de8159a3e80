# SPDX-License-Identifier: MIT
"""What takes logs away, as an administrator asks for it."""

import confluent_kafka

import als


def make(client, kind, body, **params):
    """Asks for a deletion or erasure, and returns its answer."""
    answer = client.post(f"/admin/{kind}", json=body, params=params)
    assert answer.status_code == 202, answer.text
    return answer.json()


def one(client, kind, rule_id):
    answer = client.get(f"/admin/{kind}/{rule_id}")
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


def finished(client, kind, rule_id, seconds=90):
    """Waits until its job is done, and returns how it ended."""

    def look():
        found = one(client, kind, rule_id)
        assert found["state"] in ("done", "cancelled", "failed"), found
        return found

    return als.wait_until(look, f"{kind} {rule_id} is done", seconds)


def delete(client, body):
    return finished(client, "deletions", make(client, "deletions", body)["id"])


def erase(client, user, mode="delete"):
    return finished(client, "erasures", make(client, "erasures", {"userId": user, "mode": mode})["id"])


def keep(client, days, rules=()):
    """Sets the retention, and waits until all that is stored follows it."""
    answer = client.put("/admin/retention", json={"days": days, "rules": list(rules)})
    assert answer.status_code == 200, answer.text

    def look():
        data = client.get("/admin/retention").json()["data"]
        assert data["progress"]["state"] == "done", data
        return data

    return als.wait_until(look, "the retention is applied", 90)


def activity(client, action, seconds=30):
    """The activity log of an act, once it is stored."""

    def look():
        return client.search(service="activity-log", action=action)["data"]

    return als.wait_until(look, f"{action} is logged", seconds)


def caught_up(client, seconds=60):
    """Waits until what is sent now is stored: all that was sent before through the same partition is resolved too."""
    marks = client.batch_accepted([als.record(service="mark", userId=als.unique("mark")) for _ in range(60)])
    for mark in marks:
        client.stored(mark, seconds)


def read_all_anew(stage="indexer"):
    """Stops a daemon, sets its group back to the beginning of the enriched topic, and starts it again."""
    consumer = confluent_kafka.Consumer({"bootstrap.servers": als.BROKERS, "group.id": f"{als.TOPIC}-{stage}"})
    partitions = consumer.list_topics(als.ENRICHED, timeout=20).topics[als.ENRICHED].partitions
    places = [confluent_kafka.TopicPartition(als.ENRICHED, number) for number in partitions]
    for place in places:
        place.offset = consumer.get_watermark_offsets(place, timeout=20)[0]

    def set_back():
        try:
            return consumer.commit(offsets=places, asynchronous=False)
        except confluent_kafka.KafkaException as error:  # who has just stopped is still a member for 10 s
            raise AssertionError(str(error)) from error

    als.dev("stop", stage)
    try:
        als.wait_until(set_back, "the group is set back", 60, pause=1)
    finally:
        als.dev("start", stage)
        consumer.close()
