"""Shiyi 拾遗: a news collector that loses nothing, repeats nothing and invents nothing."""

__version__ = "0.1.0"
