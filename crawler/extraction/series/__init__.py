"""Articles that go on over several pages: where the next one is, and how they are joined."""
