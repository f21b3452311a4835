"""WHAT HAPPENS AT THE DESK: keys, datasets, releases. May open; never runs where participants are served."""
