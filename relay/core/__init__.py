"""The running relay: the link to the terminal, the actions, the mirror, the reload."""
