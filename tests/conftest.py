"""Settings for every test, before any heavy package is imported."""

import os

os.environ.setdefault("OMP_NUM_THREADS", "2")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
os.environ.setdefault("HF_HUB_OFFLINE", "1")

pytest_plugins = ["services.fixtures"]  # real servers, started by the tests that ask for them
