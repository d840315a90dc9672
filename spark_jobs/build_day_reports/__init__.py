"""The job of DAG build_day_reports: one round of due days."""
