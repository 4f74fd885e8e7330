"""Run: from a program to tables. This package's modules import psycopg2; nothing is imported here."""
