"""One job for all modules that look at the archive's rows: building its plan costs more than running it."""

import pytest

from tests.spark_jobs.samples import arrivals


@pytest.fixture(scope="session")
def archived(spark, request):
    """Module -> case -> the archive's row, for every module that names values of a topic in `VALUES`."""
    modules = {item.module for item in request.session.items if isinstance(getattr(item.module, "VALUES", None), dict)}
    cases = [(module, name) for module in modules for name in module.VALUES]
    found = arrivals(spark, [module.VALUES[name] for module, name in cases])
    by_module = {module: {} for module in modules}
    for (module, name), row in zip(cases, found, strict=True):
        by_module[module][name] = row
    return by_module


@pytest.fixture(scope="module")
def rows(archived, request):
    """Case -> the archive's row of the module's `VALUES`."""
    return archived[request.module]
