"""``lianxin-edge doctor``: what is wrong at this point and what to do, disturbing nothing."""
