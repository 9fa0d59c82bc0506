"""One small file per source: data, and at most an overridden method. See README, "Add a source"."""
