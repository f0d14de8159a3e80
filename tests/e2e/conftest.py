# SPDX-License-Identifier: MIT
import pytest

import als
import keys
import programs
import topics

LAST = ["test_stats_figures.py", "test_tour.py", "test_import.py", "test_rejects.py", "test_pipeline.py", "test_outage.py", "test_leavers.py", "test_load.py"]


def pytest_collection_modifyitems(items):
    """Tests that stop or load the system run last, in this order; the others keep theirs."""
    items.sort(key=lambda item: LAST.index(item.path.name) if item.path.name in LAST else -1)


@pytest.fixture
def gateway():
    """The gateway as a tenant that nobody else uses."""
    with als.Client() as client:
        yield client


@pytest.fixture(scope="module")
def shared_gateway():
    """As gateway, with one tenant for all tests of a file."""
    with als.Client() as client:
        yield client


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """Two tenants with keys."""
    folder = tmp_path_factory.mktemp("keys")
    with programs.Gateway(AUTH="keys", KEY_CACHE_FILE=str(folder / "keys.json"), LOG_LEVEL="debug") as own:
        made = keys.World(own, folder)
        made.seed()
        yield made


@pytest.fixture(scope="session")
def direct():
    return topics.Direct()


@pytest.fixture(scope="session")
def database():
    return als.database()


@pytest.fixture(scope="session")
def counters():
    return als.counters()
