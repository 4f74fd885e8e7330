"""TPC-H: its 22 queries as flows (``flows/``, over ``sources/``), its data, and how fast the flows are."""
