"""A desk in a browser: textual-serve behind the hub's log-in."""
