"""What a line of text is, or names: bylines, notices, dates, terms. Pure functions of strings; no tree is known here."""
