"""Where browsers look for a native host, what is written there, and what is remembered of it."""
