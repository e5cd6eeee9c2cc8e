"""Apache Spark as the engine, for registers that outgrow one machine: the same statements, translated by sqlglot.

Needs the extra ``kvarn[spark]`` and Java. A cluster is named in ``spark-defaults.conf`` under ``SPARK_CONF_DIR``, and must see
the register's folder; without it Spark runs on this machine, on all cores.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa

from kvarn.errors import EnvironmentFault

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

__all__ = ["Spark"]


class Spark:
    """A Spark session; what it spills is microdata and goes to `spill`, beside the register, when it runs here.

    Raises
    ------
    EnvironmentFault
        pyspark, sqlglot or Java is not installed.
    """

    def __init__(self, spill: Path) -> None:
        try:
            import sqlglot
            from pyspark.errors import PySparkException
            from pyspark.sql import SparkSession
        except ImportError as error:
            raise EnvironmentFault(
                f"The engine spark needs {error.name}.",
                remedy="Install kvarn with its extra: pip install 'kvarn[spark]'. Or take engine: duckdb.",
            ) from None
        self._translate = sqlglot.transpile
        spill.mkdir(mode=0o700, parents=True, exist_ok=True)
        builder = SparkSession.builder.appName("kvarn")
        if "SPARK_CONF_DIR" not in os.environ:
            # Nothing listens beyond this machine, and nothing is written outside `spill`.
            builder = (
                builder.master("local[*]")
                .config("spark.driver.bindAddress", "127.0.0.1")
                .config("spark.driver.host", "127.0.0.1")
                .config("spark.local.dir", str(spill))
                .config("spark.sql.warehouse.dir", str(spill / "warehouse"))
                .config("spark.sql.shuffle.partitions", str(os.cpu_count() or 1))
            )
        builder = builder.config("spark.ui.enabled", "false").config("spark.ui.showConsoleProgress", "false")
        try:
            # A session of its own on the process's one Spark, so that two registers do not see each other's relations.
            self._session = builder.getOrCreate().newSession()
        except (PySparkException, RuntimeError, OSError) as error:
            raise EnvironmentFault(
                f"Spark does not start: {type(error).__name__}.",
                remedy="Look that Java 17 or later is found (JAVA_HOME), or take engine: duckdb.",
            ) from None
        self._session.conf.set("spark.sql.ansi.enabled", "true")
        self._session.sparkContext.setLogLevel("ERROR")
        self._kept: list[DataFrame] = []

    def open(self, name: str, file: Path) -> None:
        """As `kvarn.analyse._engine.Engine` says."""
        self._session.read.parquet(str(file)).createOrReplaceTempView(name)

    def define(self, name: str, select: str, *, keep: bool = False) -> None:
        """As `kvarn.analyse._engine.Engine` says."""
        selected = self._select(select)
        if keep:
            self._kept.append(selected.cache())
        selected.createOrReplaceTempView(name)

    def put(self, name: str, rows: pa.Table) -> None:
        """As `kvarn.analyse._engine.Engine` says."""
        self._session.createDataFrame(rows).createOrReplaceTempView(name)

    def frame(self, select: str) -> pd.DataFrame:
        """As `kvarn.analyse._engine.Engine` says."""
        frame: pd.DataFrame = self._select(select).toArrow().to_pandas()
        return frame

    def rows(self, select: str) -> list[tuple[Any, ...]]:
        """As `kvarn.analyse._engine.Engine` says."""
        return [tuple(row) for row in self._select(select).collect()]

    def close(self) -> None:
        """Let go of what was kept. Spark itself ends with the process."""
        for kept in self._kept:
            kept.unpersist()

    def _select(self, select: str) -> DataFrame:
        (statement,) = self._translate(select, read="duckdb", write="spark")
        return self._session.sql(statement)
