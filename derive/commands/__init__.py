"""The commands, by what they make; the only files that print."""
