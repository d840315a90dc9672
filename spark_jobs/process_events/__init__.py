"""The job of DAG process_events: one batch from its offsets to the hour reports."""
