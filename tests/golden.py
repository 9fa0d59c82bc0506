"""Writes the golden documents of tests/sites/ anew from the recorded web. Read the diff before you commit it."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from test_sites import GOLDEN, replay

if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        replay(folder)
        shutil.rmtree(GOLDEN, ignore_errors=True)
        for path in sorted(folder.glob("[!.]*/**/*.md")):
            target = GOLDEN / path.relative_to(folder)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
        print(f"{len(list(GOLDEN.rglob('*.md')))} documents")
