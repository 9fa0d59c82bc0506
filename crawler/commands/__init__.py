"""Commands that read a collection, each a thin shell around an operation; `cli.py` registers them."""
