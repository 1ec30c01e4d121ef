"""Theorems, lemmas, proofs, exercises: numbered in one sequence by page, their inner ids made unique.

sphinx-proof and sphinx-exercise give the body of every block of a page the same id.
"""

from docutils import nodes
from sphinx_proof.proof_type import PROOF_TYPES

ONE_COUNTER = "theorem"  # Definition 4.1, Theorem 4.2, Lemma 4.3: a reader who looks for one follows the numbers
INNER = ("proof-content", "exercise-content", "solution-content")


def configure(app, config):
    config.prf_realtyp_to_countertyp = {kind: ONE_COUNTER for kind in PROOF_TYPES}


def unique_ids(app, doctree):
    """Rename the inner parts after the block that holds them, and number the proofs and solutions of a page."""
    for section in doctree.findall(nodes.section):
        if set(section["ids"]) & set(INNER):
            section["ids"] = [f"{section.parent['label'].rpartition('/')[2]}-content"]
    proofs = [node for node in doctree.findall(nodes.Element) if node.get("ids") == ["proof"]]
    for number, node in enumerate(proofs, start=1):
        node["ids"] = [f"proof-{number}"]


def setup(app):
    app.connect("config-inited", configure, priority=400)  # before sphinx-proof checks what it was given
    app.connect("doctree-read", unique_ids)
    return {"version": "2", "parallel_read_safe": True, "parallel_write_safe": True}
