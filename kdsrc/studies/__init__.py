"""The paper's experiments, one module a figure or sweep: settings in, record out.

Each study module offers ``run(settings, data, seeds, store, report) -> Record`` and ``ARMS`` or its like.
"""
