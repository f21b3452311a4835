"""The study's staff at the field app: who they are, how they prove it, how long it holds. Never participants."""
