"""A kernel for every page, forked from one process that has imported the libraries already.

Importing them takes longer than most pages compute. A page still has a process of its own, in which nothing has run.
"""

import multiprocessing
import os
import signal
import tempfile
from pathlib import Path

from jupyter_client import BlockingKernelClient
from jupyter_client.connect import write_connection_file
from nbval.kernel import RunningKernel

LIBRARIES = ["torch", "scipy.stats", "myst_nb", "ipykernel.kernelapp"]
LIBRARIES += ["kdsrc.claims", "kdsrc.studies.runner", "kdsrc.report.page", "kdsrc.report.plots"]
BACKEND = "module://matplotlib_inline.backend_inline"  # what a kernel sets for the first import of matplotlib


def serve(connection_file, folder, parent):
    """The life of a kernel, as `python -m ipykernel_launcher` lives it."""
    import matplotlib
    from ipykernel.kernelapp import IPKernelApp

    os.chdir(folder)
    os.environ["JPY_PARENT_PID"] = str(parent)  # with which the kernel ends
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    matplotlib.rcParams["backend"] = BACKEND
    IPKernelApp.launch_instance(argv=["-f", connection_file])


class ForkedKernel(RunningKernel):
    """What nbval asks of a kernel."""

    def __init__(self, folder, startup_timeout=60):
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(LIBRARIES)
        self._place = tempfile.TemporaryDirectory()
        # Sockets in a folder of its own: a free TCP port, found now, may be another's when the kernel takes it.
        place = Path(self._place.name)
        file, _ = write_connection_file(str(place / "kernel.json"), transport="ipc", ip=str(place / "socket"))
        self._process = context.Process(target=serve, args=(file, folder, os.getpid()), daemon=True)
        self._process.start()
        self.kc = BlockingKernelClient(connection_file=file)
        self.kc.load_connection_file()
        self.kc.start_channels()
        self.kc.wait_for_ready(timeout=startup_timeout)
        self._ensure_iopub_up()

    def is_alive(self):
        return self._process.is_alive()

    def interrupt(self):
        if self.is_alive():
            os.kill(self._process.pid, signal.SIGINT)

    def stop(self):
        self.kc.stop_channels()
        self._process.kill()
        self._process.join()
        self._place.cleanup()

    @property
    def language(self):
        return "python"
