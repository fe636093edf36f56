"""One thread a serial port; they only put readings on the queue."""
