"""WHAT HAPPENS IN THE FIELD: visits, withdrawal, bundles, upkeep. Can only seal; nothing here can open an envelope."""
