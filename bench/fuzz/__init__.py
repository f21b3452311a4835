"""Hostile bytes for every reader: each gives its result or its own one error, in bounded time and memory."""
