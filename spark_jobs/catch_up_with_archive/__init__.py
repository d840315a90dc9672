"""The job of DAG catch_up_with_archive: a restored database learns from the archive what happened since its backup."""
