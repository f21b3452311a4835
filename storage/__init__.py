"""WHAT IS KEPT: two vaults and an office. Takes envelopes, never answers."""
