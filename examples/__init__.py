"""Example projects, installed with Headrace so that ``headrace demo`` has them without the repository."""
