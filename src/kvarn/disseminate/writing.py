"""Files that are there whole or not at all."""

from __future__ import annotations

from pathlib import Path

from kvarn.base.files import replace_file

__all__ = ["write_beside"]


def write_beside(output: Path, content: str | bytes) -> Path:
    """Write `content` (text as UTF-8) beside `output`, then rename it: nothing half-written is ever seen there."""
    output.parent.mkdir(parents=True, exist_ok=True)
    replace_file(output, content.encode("utf-8") if isinstance(content, str) else content, mode=0o666)
    return output
