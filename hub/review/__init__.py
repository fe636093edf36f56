"""What somebody should look at; closing it moves no money."""
