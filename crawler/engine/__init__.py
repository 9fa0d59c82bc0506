"""The only room that knows Scrapy: thin adapters between it and the pure rooms and the library."""
