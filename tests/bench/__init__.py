"""`make bench`: ratios to limits, each measured against its baseline in the same run."""
