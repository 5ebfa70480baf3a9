"""A Kafka node on this machine, from the jars that `make kafka` fetches, to be started, killed and frozen."""

import logging
import shutil
import signal
import socket
import subprocess
import time
import uuid
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Final

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

import stockex
from stockex.errors import StockExError
from stockex.torture.fleet import HOST, free_port

ROOT: Final = Path(stockex.__file__).parents[2]
HERE: Final = ROOT / "kafka"
JARS: Final = ROOT / ".cache" / "kafka" / "jars"
START_S: Final = 180.0
STOP_S: Final = 20.0

_JAVA: Final = ("-Xms64m", "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto")


class Broker:
    """A node that keeps everything in `home`; it may be started again where it stopped or was killed."""

    def __init__(self, home: Path, *, port: int | None = None) -> None:
        """Listen on `port` and on one more for the controller; on free ones when None."""
        self.home = home
        self.port = port or free_port()
        self._controller = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def bootstrap(self) -> str:
        """What clients call `KAFKA_BOOTSTRAP`."""
        return f"{HOST}:{self.port}"

    @property
    def output(self) -> Path:
        """The file of all that the node has printed."""
        return self.home / "output.txt"

    def start(self) -> int:
        """Start the node, wait until it answers, and return its process id."""
        self._format()
        with self.output.open("ab") as output:
            self._process = subprocess.Popen(  # noqa: S603 (our own command line)
                self._command("kafka.Kafka", str(self._properties)),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        deadline = time.monotonic() + START_S
        while not answers(self.bootstrap):
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise StockExError(f"the broker did not start; {self.output} ends with\n{self._last_words()}")
        return self._process.pid

    def kill(self) -> None:
        """Kill it with -9."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def stop(self) -> None:
        """Stop it in order."""
        assert self._process is not None
        self._process.terminate()
        try:
            self._process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self.kill()

    def signal(self, number: signal.Signals) -> None:
        """Send a signal, as SIGSTOP and SIGCONT."""
        assert self._process is not None
        self._process.send_signal(number)

    @property
    def _properties(self) -> Path:
        return self.home / "server.properties"

    def _format(self) -> None:
        """Write the settings, and format the directory at the first start."""
        self.home.mkdir(parents=True, exist_ok=True)
        own = {
            "listeners": f"PLAINTEXT://{HOST}:{self.port},CONTROLLER://{HOST}:{self._controller}",
            "advertised.listeners": f"PLAINTEXT://{HOST}:{self.port}",
            "controller.quorum.bootstrap.servers": f"{HOST}:{self._controller}",
            "log.dirs": str(self.home / "log"),
        }
        lines = [(HERE / "server.properties").read_text(), *(f"{name}={value}" for name, value in own.items()), ""]
        self._properties.write_text("\n".join(lines))
        if (self.home / "log" / "meta.properties").exists():
            return
        cluster = urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        tool = self._command("kafka.tools.StorageTool", "format", "--standalone", f"--cluster-id={cluster}")
        done = subprocess.run([*tool, "-c", str(self._properties)], capture_output=True, text=True, check=False)  # noqa: S603
        if done.returncode:
            raise StockExError(f"the broker's directory could not be formatted:\n{done.stdout}{done.stderr}")

    def _command(self, main: str, *arguments: str) -> Sequence[str]:
        java = shutil.which("java")
        if java is None or not JARS.is_dir():
            raise StockExError("the broker needs Java 17 and its jars: run `make kafka`")
        logging_ = f"-Dlog4j2.configurationFile={HERE / 'log4j2.properties'}"
        return [java, *_JAVA, logging_, "-cp", f"{JARS}/*", main, *arguments]

    def _last_words(self) -> str:
        return "\n".join(self.output.read_text(errors="replace").splitlines()[-20:])


def answers(bootstrap: str, *, wait_s: float = 2.0) -> bool:
    """Say whether a broker answers an admin client at `bootstrap`."""
    quiet = logging.getLogger("broker.readiness")
    quiet.setLevel(logging.CRITICAL)
    host, port = bootstrap.rsplit(":", 1)
    with closing(socket.socket()) as probe:
        probe.settimeout(wait_s)
        if probe.connect_ex((host, int(port))):
            time.sleep(0.05)
            return False
    try:
        return bool(AdminClient({"bootstrap.servers": bootstrap}, logger=quiet).list_topics(timeout=wait_s).brokers)
    except KafkaException:
        return False
