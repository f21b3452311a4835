"""URLs: parse, call, render. Holds no rule."""
