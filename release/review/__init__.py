"""Open text: what in it could point to somebody, what a person decided of it, and which themes two coders found."""
