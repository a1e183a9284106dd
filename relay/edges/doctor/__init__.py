"""Says why a click does not arrive: one fault, one cause, one action; mends what it may."""
