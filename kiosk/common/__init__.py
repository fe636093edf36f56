"""What every terminal needs: rows of text, colours, pages, the hub, taps of cards."""
