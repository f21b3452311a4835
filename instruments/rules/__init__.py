"""Expressions at work: how they are read, what each function gives, how they are written again. Executes nothing."""
