"""The job of DAG rehearse_repairs: what rules would change, without changing it."""
