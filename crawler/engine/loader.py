"""Finds the source files: `spiders/` and the user's own folder. A broken file costs that source only."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from scrapy.utils.spider import iter_spider_classes

from crawler.configuration import Configuration
from crawler.engine.spider import NewsSpider
from crawler.errors import SourceError, UsageError

ROOT = Path(__file__).resolve().parents[2]


class SourceLoader:
    """Scrapy's spider loader and ours: name -> spider class, and what could not be loaded."""

    def __init__(self, folder: Path | None = None):
        self.spiders: dict[str, type[NewsSpider]] = {}
        self.broken: dict[str, str] = {}  # file stem -> why
        for file in sorted((ROOT / "spiders").glob("*.py")):
            if file.stem != "__init__":
                self._load(file, f"spiders.{file.stem}")
        for file in sorted(folder.glob("*.py")) if folder else []:
            if not file.stem.startswith("_"):
                self._load(file, f"shiyi_own_spiders.{file.stem}")

    def _load(self, file: Path, module_name: str) -> None:
        try:
            module = _import(file, module_name)
        except SourceError:
            raise  # a declaration that says something wrong is found before any request
        except (Exception, SystemExit) as error:
            self.broken[file.stem] = f"{file.name} can not be loaded: {type(error).__name__}: {error}"
            return
        found = False
        for spider in iter_spider_classes(module):
            if spider.__module__ != module.__name__ or not issubclass(spider, NewsSpider):
                continue
            known = self.spiders.get(spider.name)
            if known is not None:
                raise SourceError(
                    f"two sources are named {spider.name!r}: {known.__module__} and {spider.__module__}; rename one"
                )
            self.spiders[spider.name] = spider
            found = True
        if not found:
            self.broken[file.stem] = f"{file.name} declares no source: no class with NewsSpider as its base and a name"

    def check(self, configuration: Configuration) -> None:
        """Raises UsageError for settings of a source that is not there."""
        for name in configuration.sources:
            if name not in self.spiders and name not in self.broken:
                known = ", ".join(sorted(self.spiders))
                raise UsageError(f"{configuration.place}: [source.{name}]: unknown source; there are {known}")

    # --- what Scrapy asks for ---------------------------------------------------

    @classmethod
    def from_settings(cls, settings: Any) -> SourceLoader:
        from crawler.configuration import load

        return cls(load().spiders)

    def load(self, spider_name: str) -> type[NewsSpider]:
        try:
            return self.spiders[spider_name]
        except KeyError:
            raise KeyError(f"Spider not found: {spider_name}") from None

    def list(self) -> list[str]:
        return sorted(self.spiders)

    def find_by_request(self, request: Any) -> list[str]:  # type: ignore[valid-type]
        from crawler.dedup.identity import is_own_host

        return [name for name, spider in self.spiders.items() if is_own_host(request.url, spider.source)]


def _import(file: Path, module_name: str) -> ModuleType:
    if module_name.startswith("spiders."):
        return importlib.import_module(module_name)
    specification = importlib.util.spec_from_file_location(module_name, file)
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    sys.modules[module_name] = module
    specification.loader.exec_module(module)
    return module
