"""What holds for all tests."""

from hypothesis import settings

# How long an example takes says how busy the machine is, and nothing of the code: speed is measured in benchmarks/.
settings.register_profile("kvarn", deadline=None)
settings.load_profile("kvarn")
