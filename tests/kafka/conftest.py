"""A Kafka broker for the tests of this folder: `make test-kafka` requires it, otherwise they are skipped aloud."""

import os
import shutil
from collections.abc import Iterator

import pytest
from broker import JARS, Broker


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """Start a broker on free ports."""
    if shutil.which("java") is None or not JARS.is_dir():
        missing = "no Java or no jars of Kafka: `make test-kafka` fetches them"
        assert os.environ.get("STOCKEX_TEST_KAFKA") != "required", missing
        pytest.skip(missing)
    node = Broker(tmp_path_factory.mktemp("kafka"))
    node.start()
    yield node
    node.kill()
