"""Files of what was there when someone last looked: an entry a line, so that a difference shows which one changed."""

import json
from pathlib import Path


def path(name):
    return Path(__file__).with_name(f"golden_{name}.json")


def read(name):
    return json.loads(path(name).read_text("utf-8"))


def write(name, told):
    rows = (
        f"{json.dumps(key, ensure_ascii=False)}: {json.dumps(one, ensure_ascii=False)}" for key, one in told.items()
    )
    path(name).write_text("{\n" + ",\n".join(rows) + "\n}\n", "utf-8")
