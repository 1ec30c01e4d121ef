"""One report for all benchmarks of a run, written to results/benchmarks/report.json when they have passed."""

import pytest
from measure import Report


@pytest.fixture(scope="session")
def report(request):
    """Complete when nothing was left out of the run and nothing failed."""
    found = Report()
    yield found
    session = request.session
    names = {item.path.name for item in session.items}
    whole = names == {"bench_training.py", "bench_dynamics.py", "bench_embeddings.py"}
    chosen = bool(session.config.option.keyword or session.config.option.markexpr)
    if not session.testsfailed:
        found.write(complete=whole and not chosen)
