"""What a point knows and decides; pure, a fold over its facts."""
