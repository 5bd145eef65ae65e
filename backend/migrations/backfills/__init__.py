"""The backfills that are still to be run; each is a module with a BACKFILL."""
