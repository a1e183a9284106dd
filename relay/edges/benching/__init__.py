"""`metascalp-relay bench`: the relay beside what anyone would pick instead."""
