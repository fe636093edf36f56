"""Breaking a site on purpose, counting what was in flight then, and having it judged."""
