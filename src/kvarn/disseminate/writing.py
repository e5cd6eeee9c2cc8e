"""Files that are there whole or not at all."""

from __future__ import annotations

from pathlib import Path

__all__ = ["write_beside"]


def write_beside(output: Path, content: str | bytes) -> Path:
    """Write `content` (text as UTF-8) beside `output`, then rename it: nothing half-written is ever seen there."""
    output.parent.mkdir(parents=True, exist_ok=True)
    beside = output.with_name(f".{output.name}.part")
    try:
        beside.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
        beside.replace(output)
    finally:
        beside.unlink(missing_ok=True)
    return output
