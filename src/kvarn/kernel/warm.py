"""What every notebook needs, imported once by the process that kernels are forked from."""

import ipykernel.kernelapp  # noqa: F401
import IPython.core.interactiveshell  # noqa: F401
import matplotlib
import matplotlib.backends.backend_svg
import matplotlib.pyplot
import pandas  # noqa: F401
import pyarrow.parquet  # noqa: F401
import yaml  # noqa: F401

import kvarn.kernel.app  # noqa: F401

matplotlib.use("agg")
