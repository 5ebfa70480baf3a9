"""The settings of the exchange, read from the environment once at start-up."""

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from stockex.adapters.profiles import DEFAULT_PROFILE, profile_names
from stockex.errors import ConfigurationError
from stockex.vocabulary.services import MOST_SHARDS, LiveBook


class Settings(BaseSettings):
    """Everything that can be set. An empty variable counts as unset; docs/reference/settings.md is generated from here.

    The names without the prefix `STOCKEX_` are the seed's.
    """

    model_config = SettingsConfigDict(env_prefix="STOCKEX_", env_ignore_empty=True, frozen=True, populate_by_name=True)

    host: str = Field(
        default="127.0.0.1", description="Address to listen on. `0.0.0.0`, as a container needs, is every one."
    )
    port: int = Field(
        default=7860,
        ge=1,
        le=65_535,
        description="TCP port of the pages, of REST and of the stream. Unset, a service of `stockex run` has its own.",
    )
    data: Path = Field(default=Path("data"), description="Directory of the log and its checkpoints; made when absent.")
    demo: bool = Field(default=True, description="Every account's password is its name, and every page says so.")
    seed: int = Field(default=7, ge=0, lt=2**63, description="Seed of the feeder's and the members' dice.")
    feeder_tick_s: float = Field(
        default=2.0, gt=0, le=3_600, description="Seconds between two rounds of the feeder's quotes."
    )
    member_interval_s: float = Field(
        default=45.0,
        gt=0,
        le=86_400,
        validation_alias="CH_AI_INTERVAL",
        description="Seconds between two decisions of one member.",
    )
    analysis_interval_s: float = Field(
        default=120.0,
        gt=0,
        le=86_400,
        validation_alias="ANALYSIS_INTERVAL",
        description="Seconds between two insights of the analyst while there is trading; what happens asks for more.",
    )
    groq_api_key: SecretStr | None = Field(
        default=None,
        validation_alias="GROQ_API_KEY",
        description="Key of Groq, for the analyst's words. Unset, and so the next two: it is not asked.",
    )
    groq_model: str = Field(
        default="llama-3.1-8b-instant", validation_alias="GROQ_MODEL", description="Model that Groq is asked for."
    )
    hf_token: SecretStr | None = Field(
        default=None,
        validation_alias="HF_TOKEN",
        description="Token of Hugging Face with the right to call Inference Providers; asked where Groq gave nothing.",
    )
    hf_model: str = Field(
        default="meta-llama/Llama-3.1-8B-Instruct",
        validation_alias="HF_MODEL",
        description="Model that Hugging Face is asked for. The seed's own one is not served by any provider.",
    )
    ollama_host: str | None = Field(
        default=None,
        validation_alias="OLLAMA_HOST",
        pattern=r"^(https?://)?[^\s/]+/?$",
        description="Address of an Ollama server, as `http://localhost:11434`; asked last.",
    )
    ollama_model: str = Field(
        default="llama3.1:8b", validation_alias="OLLAMA_MODEL", description="Model that Ollama is asked for."
    )
    securities_file: Path | None = Field(
        default=None,
        validation_alias="SECURITIES_FILE",
        description="Securities to list instead of the ten built in: lines of symbol, start and current price, "
        "separated by tabs, under a header that starts with `#SYMBOL`.",
    )
    more_securities: bool = Field(default=False, description="List six more: AMZN, TSLA, NVDA, GOOGL, AAPL, ENX.")
    profile: str | None = Field(
        default=None,
        description=f"Whose rules the market has: {', '.join(profile_names())}. Unset, what is listed keeps the rules "
        f"that it has, and what is new gets those of {DEFAULT_PROFILE}.",
    )
    book: LiveBook = Field(
        default=LiveBook.AUTO,
        description="On which book orders match: `plain`; `compiled`, which needs the extra `fast`, from the start; "
        "or `auto`: plain, and compiled once 10,000 commands have come, where the extra is installed. The facts are "
        "the same, and so is the data folder.",
    )
    keep: str = Field(
        default="",
        description="How much of a topic `stockex up` keeps, as `book=100000,executions=7d`: the newest records or "
        "those of an age (s, m, h, d); of executions, book, snapshots and, if named, orders, the journal. Nothing is "
        "cut that a start would need. Unset, everything is kept.",
    )
    fix_port: int = Field(
        default=5001,
        ge=0,
        le=65_535,
        description="TCP port of the FIX gateway, 0 for a free one. Unset and taken, there is no FIX.",
    )
    fix_sessions: Path | None = Field(
        default=None,
        description="TOML file of the FIX sessions; docs/fix.md. Unset: FIX_SERVER, CLIENT1, CLIENT2, UI-1 to UI-8.",
    )
    fix_certificate: Path | None = Field(
        default=None, description="Certificate of the FIX gateway, in PEM, with which it speaks TLS. Unset: no TLS."
    )
    fix_key: Path | None = Field(
        default=None, description="Private key of the certificate, unless the certificate's file holds it."
    )
    fix_rules: Path | None = Field(
        default=None,
        description="TOML file of the rules by which FIX sessions are treated badly on purpose; docs/fix-powers.md.",
    )
    fix_ui_venues: str = Field(
        default="",
        pattern=r"^(\*|[^\s,:]+:\d+(,[^\s,:]+:\d+)*)?$",
        description="Which FIX venues besides its own the page /fix/ may connect to, as `host:port,host:port`, or `*` "
        "for any. Unset: any while STOCKEX_HOST lets in nobody but this machine, else none.",
    )
    autostart: bool = Field(default=True, description="Open the session at the very first start, on an empty log.")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="Least level that is logged."
    )
    kafka_bootstrap: str | None = Field(
        default=None,
        validation_alias="KAFKA_BOOTSTRAP",
        pattern=r"^[^\s,:]+:\d+(,[^\s,:]+:\d+)*$",
        description="Address of a Kafka broker, as host:port, to keep the log there instead of in a file.",
    )
    kafka_prefix: str = Field(
        default="",
        pattern=r"^[a-zA-Z0-9._-]*$",
        description="Stands before the name of every Kafka topic, where several exchanges share a cluster.",
    )

    standby_s: float = Field(
        default=0.7,
        ge=0.1,
        le=60,
        description="Seconds without a sign of life of the active matcher on Kafka after which a standby takes over; "
        "the same for all of them.",
    )
    shards: int = Field(
        default=1,
        ge=1,
        le=MOST_SHARDS,
        description="How many matchers obey a log on Kafka, each its part of the symbols; the same for all processes, "
        "from the log's first record on. docs/shards.md.",
    )
    shard: int | None = Field(
        default=None,
        ge=0,
        lt=MOST_SHARDS,
        description="Which of them `stockex run matcher` is, from 0 on. Only with more than one.",
    )

    @field_validator("profile")
    @classmethod
    def _know_profile(cls, value: str | None) -> str | None:
        if value is not None and value not in profile_names():
            raise ValueError(f"expected one of {', '.join(profile_names())}, got {value!r}")
        return value


def variable_of(name: str) -> str:
    """Return the environment variable that sets the field `name`."""
    alias = Settings.model_fields[name].validation_alias
    return alias if isinstance(alias, str) else f"STOCKEX_{name.upper()}"


def read_settings() -> Settings:
    """Return the settings that the environment gives.

    Raises:
        ConfigurationError: a value cannot be used; every variable at fault is named with what it must be.
    """
    try:
        return Settings()
    except ValidationError as error:
        faults = (f"{_variable(str(fault['loc'][0]))}: {_sentence(fault['msg'])}" for fault in error.errors())
        raise ConfigurationError("; ".join(faults)) from error


def _variable(place: str) -> str:
    return variable_of(place) if place in Settings.model_fields else place


def _sentence(message: str) -> str:
    """Return pydantic's sentence without its mark for a validator of our own."""
    return message.removeprefix("Value error, ")
