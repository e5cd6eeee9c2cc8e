"""The commands. Exit statuses: 0 done; 1 something went wrong and the message says what; 2 the command or the edition is wrong;
3 `kvarn status` found steps out of date, publications differ (`kvarn verify`, `kvarn compare --exit-code`), or a check has not
passed (`kvarn review --exit-code`); 130, 143, 129 stopped (Ctrl-C, SIGTERM, SIGHUP)."""

import sys

try:
    from kvarn.cli import _codelists as _codelists
    from kvarn.cli import _collect as _collect
    from kvarn.cli import _compare as _compare
    from kvarn.cli import _correct as _correct
    from kvarn.cli import _explain as _explain
    from kvarn.cli import _machine as _machine
    from kvarn.cli import _new as _new
    from kvarn.cli import _order as _order
    from kvarn.cli import _population as _population
    from kvarn.cli import _process as _process
    from kvarn.cli import _publish as _publish
    from kvarn.cli import _quarto as _quarto
    from kvarn.cli import _release as _release
    from kvarn.cli import _revert as _revert
    from kvarn.cli import _review as _review
    from kvarn.cli import _serve as _serve
    from kvarn.cli import _sign as _sign
    from kvarn.cli import _verify as _verify
    from kvarn.cli._app import app
    from kvarn.cli._main import main
except KeyboardInterrupt:
    # Nothing has begun yet.
    sys.exit(130)

__all__ = ["app", "main"]
