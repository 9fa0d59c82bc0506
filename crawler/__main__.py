"""`python -m crawler` is `./run` is `shiyi`."""

from crawler.cli import main

if __name__ == "__main__":
    main()
