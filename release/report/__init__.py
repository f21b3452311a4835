"""What a release says about itself: its manifest's facts, and the disclosure report in words and in JSON."""
