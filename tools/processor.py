"""What the libraries of this process compute with: python tools/processor.py prints it, one library a line."""

import ctypes
import platform
from pathlib import Path

MKL_BRANCHES = {1: "off", 2: "auto", 3: "compatible", 8: "sse4_2", 9: "avx", 10: "avx2", 12: "avx512"}


def probe():
    """Kernels and numbers of threads of NumPy, each OpenBLAS, and torch with its MKL, as they say themselves.

    Returns a dict that JSON can hold: "openblas" package -> kernels, "numpy" the dispatched features that are
    on, "aten" and "mkl" the instructions torch uses ("mkl" is None where torch has none), "threads" pool -> count.
    """
    import numpy  # noqa: F401
    import scipy.linalg  # noqa: F401
    import threadpoolctl
    import torch

    pools = sorted(threadpoolctl.threadpool_info(), key=package)
    threads = {f"{pool['internal_api']} of {package(pool)}": pool["num_threads"] for pool in pools}
    mkl = torch_mkl(Path(torch.__file__).parent / "lib")
    if mkl:
        threads["MKL of torch"] = mkl.MKL_Get_Max_Threads()
    return {
        "openblas": {package(pool): pool["architecture"] for pool in pools if pool["internal_api"] == "openblas"},
        "numpy": numpy_features(),
        "aten": torch.backends.cpu.get_cpu_capability().lower(),
        "mkl": mkl and MKL_BRANCHES.get(mkl.mkl_serv_cbwr_get(1), "unknown"),
        "threads": threads | {"torch": torch.get_num_threads()},
    }


def package(pool):
    """The package that a thread pool's library came with: .../numpy.libs/libopenblas.so is numpy's."""
    folder = Path(pool["filepath"]).parent
    return (folder.parent if folder.name == "lib" else folder).name.removesuffix(".libs")


def numpy_features():
    """Instruction sets beyond the baseline that this NumPy was built for and has switched on."""
    from numpy._core import _multiarray_umath as core

    return [name for name in core.__cpu_dispatch__ if core.__cpu_features__.get(name)]


def torch_mkl(folder):
    """The MKL inside torch, or None where torch is built without one."""
    try:
        library = ctypes.CDLL(str(folder / "libtorch_cpu.so"))
        return library if library.MKL_Get_Max_Threads and library.mkl_serv_cbwr_get else None
    except (OSError, AttributeError):
        return None


def vendor():
    """The maker of the processor as Linux names it ("GenuineIntel", "AuthenticAMD"); "" elsewhere."""
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return ""
    return next((line.split(":")[1].strip() for line in lines if line.startswith("vendor_id")), "")


def described(found):
    """A probe's answer in one line."""
    kernels = ", ".join(f"OpenBLAS of {name} {kind}" for name, kind in found["openblas"].items()) or "no OpenBLAS"
    threads = ", ".join(f"{name} {count}" for name, count in found["threads"].items())
    return (
        f"{kernels}; NumPy {' '.join(found['numpy']) or 'baseline'}; ATen {found['aten']}; "
        f"MKL {found['mkl'] or 'none'}; threads: {threads}"
    )


if __name__ == "__main__":
    print(f"{platform.system()} {platform.machine()} {vendor()}".strip())
    print(described(probe()).replace("; ", "\n"))
