"""``lianxin-edge commission``: a 5 kg weight, bin by bin, becomes a measured and accepted point."""
