"""What the design needs of any broker, asked of each that it names, with certificates."""
