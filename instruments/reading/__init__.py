"""From sheets to the instrument: every row is read, checked and compiled. Whatever is not understood is refused."""
