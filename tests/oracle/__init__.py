"""An evaluator of our own, and random flows to hold PostgreSQL's rows against.

Written from the documentation alone. ``trees`` are flows of steps and formulas, ``making_*`` makes random ones from a
seed, ``printing`` turns a tree into a document, ``evaluating`` and what it stands on turns it into rows. None of these
imports anything of headrace, and none reads a document: ``test_independence`` proves it. ``comparing`` runs a flow on a
server and holds the rows against ours; ``soak`` does so with as many seeds as one likes.
"""
