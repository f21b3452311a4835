"""What a new version of a study changes, and what of it makes answers incomparable. Decides nothing."""
