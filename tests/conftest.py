"""Settings that hold for every test."""

from hypothesis import settings

settings.register_profile("stockex", derandomize=True, deadline=None, database=None)
settings.load_profile("stockex")
