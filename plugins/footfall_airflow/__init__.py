"""Footfall in Airflow: sensors, the ledger, tasks and links."""
