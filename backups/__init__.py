"""Backups of the main database: generations that are proven, dumps, and restores. For Airflow's tasks and the commands.

The edges are two MongoDB servers and a folder; there is no clock here, times come in as arguments.
"""
