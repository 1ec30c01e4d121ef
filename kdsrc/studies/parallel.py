"""Independent tasks at once: on the cores of this machine by joblib, or on a Dask cluster.

Each task holds its own numbers on one thread, so that they do not depend on where it runs nor on what runs beside it.
Local workers end with the process that started them, however that ends. On a cluster the tasks of a worker that is lost
go to another one.
"""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from joblib import Parallel, delayed
from tqdm import tqdm

from kdsrc.files import alive

__all__ = ["ClusterNotReady", "as_done"]


class ClusterNotReady(ValueError):
    """No Dask cluster at the address given, or one whose workers cannot hold a task's numbers, or keep being lost."""


_PATIENCE = 10.0  # seconds for a scheduler to answer
_FEEDER = "QueueFeederThread"  # joblib's name for it
_WATCH = 0.5  # seconds between looks at the process that started a worker


def as_done(
    work: Callable, tasks: Sequence[tuple], *, jobs: int = 1, cluster: str | None = None, unit: str = "task"
) -> Iterator:
    """What ``work(*task)`` returns, task by task in the order in which they are done.

    Parameters
    ----------
    work : callable
        It can be pickled, and so can what it is given and what it returns.
    tasks : sequence of tuple
        Arguments.
    jobs : int
        At a time on this machine; no more processes than tasks are started.
    cluster : str, optional
        Address of a Dask scheduler, such as ``tcp://10.0.0.1:8786``; its workers, of one thread each, take the tasks.
    unit : str
        What a task is, for the progress bar.

    Raises
    ------
    ClusterNotReady
        When the cluster is not found, has no workers, or workers with more threads than one, in which tasks could not
        hold the threads of their numbers; while it goes on, when one task was given up because its workers were lost.
    """
    if cluster is not None:
        with _workers_of(cluster) as client:
            yield from tqdm(_on_cluster(client, work, tasks), total=len(tasks), unit=unit, disable=None)
        return
    options = {"return_as": "generator_unordered", "batch_size": 1}
    calls = [delayed(work)(*task) for task in tasks]
    jobs = min(jobs, len(calls)) or 1
    if jobs > 1:
        options |= {"inner_max_num_threads": 1, "initializer": _as_worker, "initargs": (os.getpid(),)}
    with _interrupts_held():  # the workers inherit it: ^C is for this process, which then ends them
        found = Parallel(n_jobs=jobs, **options)(calls)
    try:
        yield from tqdm(found, total=len(calls), unit=unit, disable=None)
    except BaseException:
        found.close()  # ends the workers
        _feeders_ended()
        raise


def _on_cluster(client, work, tasks):
    from distributed import KilledWorker, as_completed

    try:
        futures = [client.submit(work, *task, pure=False) for task in tasks]
        for future in as_completed(futures, loop=client.loop):
            yield future.result()
    except KilledWorker as error:
        raise ClusterNotReady(
            f"as_done: every worker that took one task was lost ({error}); expected workers that live as long as a "
            "task: give them more memory, or more time; what is done stands in the record"
        ) from error


@contextmanager
def _workers_of(address):
    try:
        from distributed import Client
    except ImportError as error:
        raise ClusterNotReady(
            "as_done: Dask is not installed; expected it for a cluster: pip install 'kdsrc[cluster]'"
        ) from error
    try:
        client = Client(address, timeout=_PATIENCE, set_as_default=False)
    except (OSError, ValueError, TypeError) as error:
        raise ClusterNotReady(
            f"as_done: no Dask scheduler at {address!r} ({error}); expected its address, such as "
            "tcp://10.0.0.1:8786: start one with dask scheduler"
        ) from error
    with client:
        threads = client.nthreads()
        if not threads or set(threads.values()) != {1}:
            raise ClusterNotReady(
                f"as_done: workers {threads} at {address}; expected some, of one thread each: start them "
                "with dask worker --nthreads 1"
            )
        yield client


@contextmanager
def _interrupts_held():
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _feeders_ended() -> None:
    """Wait for the threads that fed ended workers: their last act takes a semaphore out of the register of a tracker.

    joblib does not wait for them, and a process that exits meanwhile leaves the entry, of which the tracker then warns.
    """
    for thread in threading.enumerate():
        if thread.name == _FEEDER:
            thread.join(_PATIENCE)


def _as_worker(process: int) -> None:
    """From now on this worker ends soon after the process that started it: what nobody waits for is not computed."""
    tqdm.set_lock(threading.RLock())  # its own would be a semaphore of the system's, which a killed worker leaves
    child = os.getppid() == process  # a killed parent may stay as a zombie, but is no longer the parent

    def watch():
        while os.getppid() == process if child else alive(process):
            time.sleep(_WATCH)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
