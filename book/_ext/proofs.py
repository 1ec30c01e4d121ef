"""Theorems, lemmas, proofs: their inner ids made unique (sphinx-proof gives every block of a page the same one)."""

from docutils import nodes


def unique_ids(app, doctree):
    """Rename ``proof-content`` after the block that holds it, and number the proofs of a page."""
    for section in doctree.findall(lambda node: "proof-content" in getattr(node, "attributes", {}).get("ids", ())):
        section["ids"] = [f"{section.parent['label']}-content"]
    proofs = [node for node in doctree.findall(nodes.Element) if node.get("ids") == ["proof"]]
    for number, node in enumerate(proofs, start=1):
        node["ids"] = [f"proof-{number}"]


def setup(app):
    app.connect("doctree-read", unique_ids)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
