"""Speed as ratios: each of our deeds beside the bare operation it rests on, measured in one run."""
