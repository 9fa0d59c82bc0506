"""Who, when, for whom, where first: what a page tells about its article, each with its evidence."""
