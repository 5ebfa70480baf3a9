"""What the environment may say, and what it is told when it may not."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from stockex.adapters.settings import Settings, read_settings, variable_of
from stockex.errors import ConfigurationError

REFUSED = [
    ("STOCKEX_PORT", "none"),
    ("STOCKEX_PORT", "0"),
    ("STOCKEX_PORT", "65536"),
    ("STOCKEX_DEMO", "perhaps"),
    ("STOCKEX_SEED", "-1"),
    ("STOCKEX_FEEDER_TICK_S", "0"),
    ("STOCKEX_FEEDER_TICK_S", "nan"),
    ("STOCKEX_LOG_LEVEL", "loud"),
    ("STOCKEX_PROFILE", "moon"),
    ("CH_AI_INTERVAL", "-45"),
    ("KAFKA_BOOTSTRAP", "kafka"),
    ("STOCKEX_KAFKA_PREFIX", "a b"),
]


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take every setting out of the environment."""
    for name in Settings.model_fields:
        monkeypatch.delenv(variable_of(name), raising=False)


def test_without_variables_the_defaults_hold() -> None:
    """An empty environment gives the demonstration on port 7860, on this machine only."""
    settings = read_settings()
    assert (settings.host, settings.port, settings.data) == ("127.0.0.1", 7860, Path("data"))
    assert (settings.demo, settings.autostart, settings.more_securities) == (True, True, False)
    assert (settings.seed, settings.feeder_tick_s, settings.member_interval_s) == (7, 2.0, 45.0)
    assert (settings.securities_file, settings.kafka_bootstrap, settings.log_level) == (None, None, "info")
    assert settings.profile is None


def test_every_variable_sets_its_field(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each field takes its variable's value."""
    values = {
        "host": "0.0.0.0",  # noqa: S104 (what a container sets)
        "port": "8000",
        "data": "/var/lib/stockex",
        "demo": "false",
        "seed": "8",
        "feeder_tick_s": "0.5",
        "member_interval_s": "3",
        "securities_file": "mine.txt",
        "more_securities": "true",
        "autostart": "false",
        "profile": "xetra",
        "log_level": "debug",
        "kafka_bootstrap": "kafka:9092,other:9092",
        "kafka_prefix": "mine.",
        "keep": "book=100",
        "fix_port": "5011",
        "fix_sessions": "sessions.toml",
        "fix_certificate": "fix.pem",
        "fix_key": "fix.key",
        "fix_rules": "rules.toml",
        "fix_ui_venues": "venue:5001",
        "book": "plain",
        "shards": "3",
        "shard": "2",
        "standby_s": "1.5",
        "analysis_interval_s": "30",
        "groq_api_key": "gsk_1",
        "groq_model": "one",
        "hf_token": "hf_1",
        "hf_model": "two",
        "ollama_host": "http://localhost:11434",
        "ollama_model": "three",
    }
    for name, value in values.items():
        monkeypatch.setenv(variable_of(name), value)
    assert set(values) == Settings.model_fields.keys()
    assert read_settings() == Settings.model_validate(values)


def test_an_empty_variable_counts_as_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    """`KAFKA_BOOTSTRAP=` and `STOCKEX_PORT=` leave the defaults."""
    monkeypatch.setenv("KAFKA_BOOTSTRAP", "")
    monkeypatch.setenv("STOCKEX_PORT", "")
    assert read_settings() == Settings()


def test_an_unprefixed_variable_sets_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """`PORT` and `HOST` belong to others."""
    monkeypatch.setenv("PORT", "1")
    monkeypatch.setenv("HOST", "elsewhere")
    assert read_settings() == Settings()


@pytest.mark.parametrize(("variable", "value"), REFUSED)
def test_a_bad_value_is_refused_by_the_variables_name(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    """The error starts with the variable, not with the name of a field inside."""
    monkeypatch.setenv(variable, value)
    with pytest.raises(ConfigurationError, match=f"^{variable}: "):
        read_settings()


def test_all_bad_values_are_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two faults are told together, so that they are mended together."""
    monkeypatch.setenv("STOCKEX_PORT", "none")
    monkeypatch.setenv("CH_AI_INTERVAL", "never")
    with pytest.raises(ConfigurationError, match=r"STOCKEX_PORT: .*; CH_AI_INTERVAL: "):
        read_settings()


def test_settings_do_not_change() -> None:
    """What was read at start-up holds until the end."""
    settings = Settings()
    with pytest.raises(ValidationError, match="frozen"):
        settings.port = 1


@pytest.mark.parametrize("name", list(Settings.model_fields))
def test_every_setting_says_what_it_is(name: str) -> None:
    """No field stands without a sentence for the reference page."""
    assert (Settings.model_fields[name].description or "").endswith(".")
