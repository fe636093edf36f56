"""The desks of the service hall: who is on duty, and whose card was tapped."""
