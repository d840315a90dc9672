"""The job of DAG rebuild_reports: scopes that were requested are computed again."""
