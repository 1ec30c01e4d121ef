"""What is read and not run: ruff's rules and its format, the engine's layers (import-linter), types (mypy).

lint.py        all of them, and which failed; the rules are in pyproject.toml
"""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
COMMANDS = (
    [BIN / "ruff", "check", "."],
    [BIN / "ruff", "format", "--check", "."],
    [BIN / "lint-imports", "--no-logo"],
    [BIN / "mypy"],
)


def main():
    failed = [
        " ".join([command[0].name, *command[1:]])
        for command in COMMANDS
        if subprocess.run(command, cwd=ROOT).returncode
    ]
    for command in failed:
        print(f"lint: {command} failed", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
