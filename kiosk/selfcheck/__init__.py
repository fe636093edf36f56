"""The self-check machine: a household sees its own month, reasons and matters by its card."""
