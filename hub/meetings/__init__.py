"""推进会议: an agenda by itself, decisions, one signature a body, and then nothing changes."""
