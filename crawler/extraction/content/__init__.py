"""Which part of a page is its article, and what of it is text: headline, container, blocks, furniture."""
