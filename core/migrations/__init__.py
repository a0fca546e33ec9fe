"""The schema of the store, one step a version; the store brings a database up to date when it opens it."""
