"""news-please over the addresses of a file, one JSON file each. Runs in an environment of its own: bench/pipeline.py.

python bench/newsplease_pages.py ADDRESSES FOLDER
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from newsplease import NewsPlease  # type: ignore[import-not-found]

folder = Path(sys.argv[2])
folder.mkdir(parents=True, exist_ok=True)
for url in Path(sys.argv[1]).read_text().split():
    article = NewsPlease.from_url(url)
    if article is not None:
        text = json.dumps(article.get_serializable_dict(), ensure_ascii=False)
        (folder / f"{url.rsplit('/', 1)[-1]}.json").write_text(text, encoding="utf-8")
