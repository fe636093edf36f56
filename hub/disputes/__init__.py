"""A household says that a day is wrong; somebody answers with a reason."""
