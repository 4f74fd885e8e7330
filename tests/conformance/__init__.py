"""Cases that others wrote, run as formulas: what Headrace computes, seen from outside."""
