"""WHAT IS ASKED: studies, their sheets and their rules. Knows no Flask and no database, and holds no answers."""
