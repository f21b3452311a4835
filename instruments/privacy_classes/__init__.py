"""How private each question of a form from elsewhere is: proposed from its words, decided by people, kept beside it."""
