"""``make catalogue``: every rule and every reason on one self-contained page, build/catalogue/index.html."""

from __future__ import annotations

import sys
from pathlib import Path

from content import Content, collect
from rendering import page

HERE = Path(__file__).parent
ROOT = HERE.parent


def build(conformance: Path, target: Path) -> Content:
    """Write the page to ``target``; ``conformance`` is the folder of results, which need not exist."""
    content = collect(conformance)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(page(content), encoding="utf-8")
    return content


def main() -> None:
    """Build the page, at the place given or in build/catalogue."""
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "build" / "catalogue" / "index.html"
    content = build(ROOT / "build" / "conformance", target)
    print(f"{target}: {len(content.rules)} rules, {len(content.reasons)} reasons, {target.stat().st_size // 1024} KiB")


if __name__ == "__main__":
    main()
