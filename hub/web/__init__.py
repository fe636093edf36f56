"""What every router shares: sessions, callers, problem documents."""
