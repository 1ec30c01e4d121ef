"""Bring a virtual environment up to requirements.lock: python tools/setup_venv.py .venv

setup_venv.py VENV oldest|newest [lock|bound]     to other versions (tools/versions.py) instead, torch at the lock's
or at its own; the newest are looked up again once a day. .kdsrc-versions in the environment says which it holds.

Quick when nothing changed. An environment whose installation was cut off is made anew; so is
one that no longer starts. When it cannot be done, one line on stderr says what to do.
"""

import fcntl
import hashlib
import re
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LOCK, PROJECT = ROOT / "requirements.lock", ROOT / "pyproject.toml"
OFFLINE = re.compile(
    r"Max retries|NewConnectionError|ConnectTimeout|Read ?time(d )?out|name resolution|Name or service"
    r"|nodename nor|Network is unreachable|Connection (refused|reset|broken|aborted)|ProxyError",
    re.I,
)


class SetupError(Exception):
    """Says in one line what is wrong and what to do about it."""


def fingerprint(kind, torch):
    """What the environment depends on; it holds absolute paths, so the folder counts as well."""
    day = date.today().isoformat() if kind == "newest" else ""
    text = b"\0".join([LOCK.read_bytes(), PROJECT.read_bytes(), *map(str.encode, [str(ROOT), kind, torch, day])])
    return hashlib.sha256(text).hexdigest()


def works(venv):
    """Whether the environment has a Python and a pip that start."""
    python = venv / "bin" / "python"
    return python.exists() and run([python, "-m", "pip", "--version"]).returncode == 0


def run(command):
    return subprocess.run(
        [str(part) for part in command],
        cwd=ROOT,
        text=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


def create(venv):
    """Make an empty environment; where venv has no ensurepip (Debian), take the pip that is there."""
    if venv.exists():
        if venv.parent != ROOT:
            raise SetupError(f"{venv} is not a working environment. Repair it, or run make without VENV")
        shutil.rmtree(venv)
    if run([sys.executable, "-m", "venv", venv]).returncode == 0:
        return
    shutil.rmtree(venv, ignore_errors=True)
    bare = run([sys.executable, "-m", "venv", "--without-pip", venv])
    if bare.returncode == 0:
        install(venv, [sys.executable, "-m", "pip", "--python", venv / "bin" / "python"], ["pip"])
        return
    raise SetupError(
        f"{sys.executable} has no working venv module ({last_line(bare.stdout)}). "
        "Install it (Debian, Ubuntu: apt install python3-venv), or make PYTHON=/path/to/python3"
    )


def install(venv, pip, arguments):
    """Run pip install, its words into a log, a count of the packages on a terminal."""
    log = venv / "setup.log"
    command = [
        *map(str, pip),
        "install",
        "--no-input",
        "--disable-pip-version-check",
        "--progress-bar=off",
        *map(str, arguments),
    ]
    seen = 0
    with (
        log.open("a", encoding="utf-8") as out,
        subprocess.Popen(
            command, cwd=ROOT, text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        ) as process,
    ):
        text = ""
        for line in process.stdout:
            out.write(line)
            text += line
            if line.startswith(("Collecting ", "Installing ")) and sys.stderr.isatty():
                seen += 1
                sys.stderr.write(f"\r\033[K  {seen:3d}  {line.split(' (')[0].strip()[:70]}")
                sys.stderr.flush()
    if sys.stderr.isatty():
        sys.stderr.write("\r\033[K")
    if process.returncode == 0:
        return
    if "No module named pip" in text:
        raise SetupError(f"{sys.executable} has no pip. Install it (Debian, Ubuntu: apt install python3-pip)")
    if OFFLINE.search(text):
        raise SetupError(
            "no network: pip could not reach a package index. Connect, or point pip at an index "
            f"that answers (PIP_INDEX_URL, PIP_FIND_LINKS), and run make again. Log: {log}"
        )
    raise SetupError(f"pip failed: {last_line(text)}. Mend that and run make again. Log: {log}")


def last_line(text):
    """pip's last error, else the last line with anything in it."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("ERROR:")]
    return (errors or lines or ["no output"])[-1].rstrip(".")


def requirements(venv, pip, kind, torch):
    """The file of requirements for a kind of versions, computed by the environment's own Python."""
    if kind == "lock":
        return LOCK
    install(venv, pip, ["packaging"])
    computed = subprocess.run(
        [venv / "bin" / "python", ROOT / "tools" / "versions.py", kind, "--torch", torch],
        text=True,
        capture_output=True,
    )
    if computed.returncode:
        raise SetupError(f"{kind} versions could not be computed: {last_line(computed.stderr)}")
    file = venv / "requirements.txt"
    file.write_text(computed.stdout, encoding="utf-8")
    return file


def bring_up(venv, kind="lock", torch="lock"):
    """Leave an environment that has what requirements.lock names, or other versions, and this project."""
    stamp, unfinished, wanted = venv / ".kdsrc-stamp", venv / ".kdsrc-unfinished", fingerprint(kind, torch)
    if stamp.exists() and stamp.read_text() == wanted and (venv / "bin" / "python").exists():
        return
    source = LOCK.name if kind == "lock" else f"the {kind} versions of {PROJECT.name}"
    print(f"Setting up {venv} from {source} (a few minutes, once) ...", file=sys.stderr, flush=True)
    if unfinished.exists() or not works(venv):
        create(venv)
    stamp.unlink(missing_ok=True)
    unfinished.touch()  # stays behind when the process is killed, not when pip refuses
    pip = [venv / "bin" / "python", "-m", "pip"]
    try:
        upgrade = [] if kind == "lock" else ["--upgrade", "--upgrade-strategy", "eager"]
        install(venv, pip, [*upgrade, "-r", requirements(venv, pip, kind, torch)])
        install(venv, pip, ["--no-deps", "--no-build-isolation", "-e", ROOT])
    except SetupError:
        unfinished.unlink()
        raise
    (venv / ".kdsrc-versions").write_text(kind)
    stamp.write_text(wanted)
    unfinished.unlink()


def main(arguments):
    name, *versions = arguments or [".venv"]
    venv = Path(name)
    venv = venv if venv.is_absolute() else ROOT / venv
    try:
        with (ROOT / ".venv.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # two makes at once: the second waits
            bring_up(venv, *versions)
    except SetupError as error:
        return f"setup: {error}"
    except KeyboardInterrupt:
        return "setup: interrupted. Run make again: it starts from an empty environment"
    except OSError as error:
        return f"setup: {error}. Mend that (space, permissions) and run make again"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
