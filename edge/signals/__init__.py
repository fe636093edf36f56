"""What a point says without a screen: tones, broadcasts, lamps. It may all be missing."""
