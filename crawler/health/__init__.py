"""How a source fares over many runs: pure rules over what each run has told. Rows stand in storage, words in operations."""
