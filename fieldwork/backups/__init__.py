"""Backups: make them, keep them no longer than people were promised, put one back so that no withdrawal is undone."""
