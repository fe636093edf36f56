"""What a household sees at a self-check machine by its own card."""
