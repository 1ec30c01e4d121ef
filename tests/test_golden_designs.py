"""Golden designs: what every study trains at every scale, its settings, its seeds and each arm's condition.

A record says the settings that made it, but quick and live ones leave none. Whoever changes a design on purpose says so
in the changelog and writes golden_designs.json anew: python tests/test_golden_designs.py
"""

import json
import zlib
from dataclasses import asdict

import golden as kept
import pytest

from kdsrc.studies import STUDIES, SWEEPS

SCALES = [(name, scale) for name, study in (STUDIES | SWEEPS).items() for scale in study.settings]


def design(name, scale):
    """Settings and seeds; of the conditions, which are many, a checksum for each point."""
    study = (STUDIES | SWEEPS)[name]
    settings = study.settings[scale]
    if name in SWEEPS:
        found = {point: (one.levels, asdict(one.settings), one.arms) for point, one in study.points(settings).items()}
    else:
        beside = study.beside(settings) if study.beside else {}
        found = {"arms": (study.arms(settings), beside)}
    told = {point: f"{zlib.crc32(repr(one).encode()):08x}" for point, one in found.items()}
    return json.loads(json.dumps({"settings": asdict(settings), "seeds": study.seeds[scale], "conditions": told}))


@pytest.fixture(scope="module")
def golden():
    return kept.read("designs")


@pytest.mark.parametrize(("name", "scale"), SCALES)
def test_a_design_is_what_it_was(name, scale, golden):
    assert design(name, scale) == golden[f"{name}, {scale}"]


def test_no_design_is_kept_that_is_none(golden):
    assert list(golden) == [f"{name}, {scale}" for name, scale in SCALES]


if __name__ == "__main__":
    kept.write("designs", {f"{name}, {scale}": design(name, scale) for name, scale in SCALES})
