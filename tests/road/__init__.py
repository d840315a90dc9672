"""Tests of the whole road, from the collector's door to the reports, on the running stack."""
