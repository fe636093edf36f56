"""Configuration of the brokers that the hub can live behind."""
