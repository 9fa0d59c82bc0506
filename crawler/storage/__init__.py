"""Effects in the right order. Everything that outlives a run is written here, and only here."""
