"""Which threads compute: one pool at a time.

NumPy, SciPy and torch each bring a pool of threads. A thread of torch that has done its part does not sleep: it spins,
and so does the one that waits for it, while NumPy's BLAS needs the same cores for the next product. Where products are
nearly all of the work, NumPy's pool should have the cores to itself, and small products are quickest without any.
"""

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from threadpoolctl import ThreadpoolController, threadpool_limits

__all__ = ["one_pool", "one_thread"]

_SMALL = 10**8  # operations of a product; below it threads cost more than they bring, on a busy machine far more


@contextmanager
def one_thread() -> Iterator[None]:
    """One thread for everything loaded by now, torch's own MKL included, which threadpoolctl does not see.

    On exit, after an exception too, each library has as many as it had before. So that nothing computed inside
    depends on how many threads there are, load torch before.
    """
    with _torch_on_one(), threadpool_limits(1):
        yield


@contextmanager
def one_pool(operations: float) -> Iterator[None]:
    """Threads for NumPy's BLAS alone, as many as the user has given it; none when its products are small.

    Parameters
    ----------
    operations : float
        Of one matrix product, 2·rows·inner·columns. Below 10⁸ the context is that of `one_thread`.

    Notes
    -----
    The number of threads is a property of the process: what other Python threads compute meanwhile is held too.
    """
    with ExitStack() as stack:
        if operations < _SMALL:
            stack.enter_context(one_thread())
        else:
            stack.enter_context(_torch_on_one())
            pools = ThreadpoolController()
            paths = [library.filepath for library in pools.lib_controllers if _is_scipys(library)]
            stack.enter_context(pools.select(filepath=paths).limit(limits=1))
        yield


@contextmanager
def _torch_on_one():
    """torch's setting, which also reaches the MKL inside it; a torch that is not loaded has no threads to hold."""
    torch = sys.modules.get("torch")
    if torch is None:
        yield
        return
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _is_scipys(library) -> bool:
    """Whether this is the BLAS that SciPy's wheel carries beside NumPy's."""
    folder = Path(library.filepath).parent
    return library.user_api == "blas" and (folder.name == "scipy.libs" or folder.parent.name == "scipy")
