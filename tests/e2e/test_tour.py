# SPDX-License-Identifier: MIT
"""The README's tour: its commands are run, and print what it says they print.

A ```sh block is run; the ```text block after it, if there is one, is its output, in which … stands for
anything. Blocks that start or end the system are left out, since it runs already."""

import os
import re
import selectors
import subprocess
import time
from urllib.parse import urlsplit

import pytest

import als

BLOCKS = re.compile(r"^```sh\n(.*?)^```\n(?:\s*^```text\n(.*?)^```\n)?", re.M | re.S)
OURSELVES = re.compile(r"^\s*(?:git clone|cd |\./dev (?:up|down|test|bench|chaos|status))", re.M)
SENDS = re.compile(r"\s(-d|--data\S*|-F|-T|-X|-P)\s|\bPOST\b")
END = "\x01end\n"


def tour():
    readme = als.ROOT / "README.md"
    text = readme.read_text(encoding="utf-8") if readme.exists() else ""
    return [(commands, output) for commands, output in BLOCKS.findall(text) if output and not OURSELVES.search(commands)]


def here(commands):
    """The commands with this instance's addresses instead of the default ones."""
    mongo = urlsplit(als.MONGO_URI)
    places = {"3000": als.URL, "3001": als.INGEST_URL, "3010": als.PROCESSOR_URL, "3011": als.INDEXER_URL}
    for port, url in places.items():
        commands = re.sub(rf"(http://)?(localhost|127\.0\.0\.1):{port}\b",
                          lambda found, url=url: url if found[1] else urlsplit(url).netloc, commands)
    commands = re.sub(r"(localhost|127\.0\.0\.1):9092\b", als.BROKERS, commands)
    commands = re.sub(r"(localhost|127\.0\.0\.1):27017\b", mongo.netloc, commands)
    commands = re.sub(r"-t activity-logs\b", f"-t {als.RAW}", commands)
    commands = re.sub(r"\bredis-cli\b(?! -[hp])", f"redis-cli -h {als.REDIS_HOST} -p {als.REDIS_PORT}", commands)
    return commands


def pattern(output):
    """What the printed text must match; blanks at line ends do not count."""
    lines = [re.escape(line.rstrip()).replace("…", ".*") for line in output.strip("\n").split("\n")]
    return re.compile("\n".join(".*(?:\n.*)*" if line == ".*" else line for line in lines))


class Shell:
    """One bash for the whole tour, so that a variable set in one block is there in the next."""

    def __init__(self):
        self.process = subprocess.Popen(["bash", "-s"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                        cwd=als.ROOT, text=True, env={**os.environ, "ALS_STATE": str(als.STATE)})
        os.set_blocking(self.process.stdout.fileno(), False)
        self.waiter = selectors.DefaultSelector()
        self.waiter.register(self.process.stdout, selectors.EVENT_READ)

    def run(self, commands, seconds=30):
        self.process.stdin.write(f"{commands}\nprintf '\\n\\001end\\n'\n")
        self.process.stdin.flush()
        printed, deadline = "", time.monotonic() + seconds
        while not printed.endswith(END):
            assert time.monotonic() < deadline, f"does not end: {commands}\n{printed}"
            if self.waiter.select(0.2):
                printed += self.process.stdout.read() or ""
        return "\n".join(line.rstrip() for line in printed.removesuffix(END).strip("\n").split("\n"))

    def close(self):
        self.process.stdin.close()
        self.process.wait(10)


def test_the_tour_prints_what_the_readme_says():
    blocks = tour()
    assert blocks, "the README has a tour"
    shell = Shell()
    try:
        for commands, output in blocks:
            wanted, deadline = pattern(output), time.monotonic() + 20
            while True:
                printed = shell.run(here(commands))
                if wanted.fullmatch(printed):
                    break
                # What only reads may have to wait for the record to arrive.
                if SENDS.search(commands) or time.monotonic() > deadline:
                    pytest.fail(f"{commands}\nprints\n{printed}\ninstead of\n{output}")
                time.sleep(0.5)
    finally:
        shell.close()


def test_the_tour_runner_notices_other_output():
    wanted = pattern('{"count":2,"id":"…"}\n…\nend\n')
    assert wanted.fullmatch('{"count":2,"id":"abc"}\nmore\nlines\nend')
    assert not wanted.fullmatch('{"count":3,"id":"abc"}\nmore\nend')
    assert not wanted.fullmatch('{"count":2,"id":"abc"}\nmore')
