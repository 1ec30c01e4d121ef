"""What readers take along: notebooks that say what they need, Binder, Colab, citations for archives, licences, and the
public checks of spelling and links."""

import ast
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tools"), str(ROOT / "book" / "_ext")]
import check_links  # noqa: E402
import notebooks  # noqa: E402
import pages  # noqa: E402
from screenshots import served  # noqa: E402

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
LOCK = {
    canonicalize_name(pin.name): pin
    for pin in map(Requirement, (ROOT / "requirements.lock").read_text("utf-8").splitlines())
}
WORKFLOWS = {path.stem: yaml.safe_load(path.read_text("utf-8")) for path in ROOT.glob(".github/workflows/*.yml")}
URL = "https://github.com/owner/book"


# Notebooks


def imported():
    """Top-level names that the pages import, but for the standard library's."""
    found = set()
    for page in pages.executable():
        for cell in pages.read(page).cells:
            if cell.cell_type == "code":
                for node in ast.walk(ast.parse(re.sub(r"^[%!].*$", "", cell.source, flags=re.M))):
                    if isinstance(node, ast.Import):
                        found |= {alias.name.partition(".")[0] for alias in node.names}
                    elif isinstance(node, ast.ImportFrom):
                        found.add(node.module.partition(".")[0])
    return found - set(sys.stdlib_module_names)


def distributions():
    """What a reader who follows the first cell has: kdsrc with its dependencies, and what is installed besides."""
    return {canonicalize_name(Requirement(text).name) for text in PROJECT["dependencies"]} | set(notebooks.BESIDES)


def test_what_the_first_cell_installs_is_what_pages_import():
    names = {name.replace("-", "_") for name in distributions()} | {"kdsrc", "IPython"}  # myst-nb brings IPython
    assert imported() <= names
    assert {name.replace("-", "_") for name in notebooks.BESIDES} <= imported()


def run_setup(tmp_path, url, *options):
    """The first cell in a fresh Python, in an empty folder."""
    source = notebooks.setup_cell(url).source
    return subprocess.run(
        [sys.executable, *options, "-c", source], cwd=tmp_path, text=True, capture_output=True, timeout=120
    )


def test_first_cell_is_silent_where_everything_is_installed(tmp_path):
    done = run_setup(tmp_path, URL)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("url", "command"),
    [
        (URL, f"git clone {URL} && pip install -e book myst-nb"),
        ("", "pip install -e FOLDER myst-nb (FOLDER: a copy of the book's repository)"),
    ],
)
def test_first_cell_says_in_one_line_what_to_install(url, command, tmp_path):
    done = run_setup(tmp_path, url, "-I", "-S")  # no installed packages
    assert done.returncode == 1
    assert done.stderr == f"kdsrc, myst_nb: not installed. Run {command}, then restart the kernel\n"
    assert command in notebooks.setup_cell(url).source.splitlines()[1]


COLAB = """import json, subprocess, sys, types
from pathlib import Path
for name in ("google", "google.colab"):
    sys.modules[name] = types.ModuleType(name)
really = subprocess.run
def run(command, **options):
    with open("commands", "a") as file:
        print(json.dumps(command), file=file)
    if "pip" not in command:
        return really(command, **options)
    assert options["check"] and (Path(command[command.index("-e") + 1]) / "pyproject.toml").exists()
    Path("myst_nb.py").touch()
subprocess.run = run
sys.path.insert(0, "")
"""


def run_on_colab(folder, url):
    """The first cell and one that uses the engine, as on Colab: git is real, and pip makes what it was asked for."""
    source = f"{COLAB}{notebooks.setup_cell(url).source}\nimport kdsrc, myst_nb\nprint(kdsrc.__file__)"
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", source], cwd=folder, text=True, capture_output=True, timeout=120
    )
    commands = (folder / "commands").read_text().splitlines() if (folder / "commands").exists() else []
    return done, [json.loads(line) for line in commands]


@pytest.mark.parametrize("name", ["book", "kdsrc"])
def test_first_cell_on_colab_clones_installs_and_finds_the_engine(name, tmp_path):
    origin, folder = tmp_path / "origin" / name, tmp_path / "content"
    (origin / "kdsrc").mkdir(parents=True)
    for file in ("pyproject.toml", "kdsrc/__init__.py"):
        (origin / file).touch()
    folder.mkdir()
    who = ["-c", "user.name=a", "-c", "user.email=a@b.c"]
    for command in (["init", "-q"], ["add", "."], [*who, "commit", "-q", "-m", "first"]):
        subprocess.run(["git", *command], cwd=origin, check=True)
    done, commands = run_on_colab(folder, f"file://{origin}")
    engine = folder / name / "kdsrc" / "__init__.py"
    assert (done.returncode, done.stdout) == (0, f"{engine}\n"), done.stderr
    assert [command[:2] for command in commands] == [["git", "clone"], [sys.executable, "-m"]]
    assert commands[1][2:] == ["pip", "install", "-q", "-e", str(folder / name), *notebooks.BESIDES]
    done, commands = run_on_colab(folder, f"file://{origin}")  # again, after a restart: nothing is cloned twice
    assert (done.returncode, done.stdout) == (0, f"{engine}\n"), done.stderr
    assert sum(command[0] == "git" for command in commands) == 1


def test_first_cell_on_colab_says_what_git_or_an_unknown_address_left_missing(tmp_path):
    done, commands = run_on_colab(tmp_path, f"file://{tmp_path}/gone/book")
    assert done.returncode == 1 and "CalledProcessError" in done.stderr and len(commands) == 1
    done, commands = run_on_colab(tmp_path, "")
    assert done.returncode == 1 and done.stderr.startswith("kdsrc, myst_nb: not installed.") and len(commands) == 1


def test_offered_notebook_is_the_executed_page_after_its_first_cell(tmp_path, monkeypatch):
    monkeypatch.setenv("BOOK_REPOSITORY_URL", URL + "/")
    output = nbformat.v4.new_output("stream", text="done\n")
    cell = nbformat.v4.new_code_cell("print('done')", outputs=[output], execution_count=1)
    made = tmp_path / "jupyter_execute" / "book" / "page.ipynb"
    made.parent.mkdir(parents=True)
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), made)
    app = SimpleNamespace(outdir=tmp_path / "html", builder=SimpleNamespace(format="html"))
    context = {}
    notebooks.offer_notebook(app, "book/page", "page.html", context, doctree=object())
    notebooks.write_notebook(app, "book/page", "page.html", context, doctree=object())
    assert context == {"ipynb_source": "book/page.ipynb"}
    notebook = nbformat.read(tmp_path / "html" / "_sources" / "book" / "page.ipynb", 4)
    nbformat.validate(notebook)
    assert [cell["id"] == "setup" for cell in notebook.cells] == [True, False]
    assert f"git clone {URL} " in notebook.cells[0].source and notebook.cells[1].outputs[0].text == "done\n"


def test_notebook_is_written_after_the_theme_has_written_its_own():
    """With launch buttons the theme copies a notebook without outputs to the same place, at priority 501."""
    order = {}
    app = SimpleNamespace(connect=lambda event, handler, priority=500: order.update({handler: priority}))
    notebooks.setup(app)
    assert order[notebooks.offer_notebook] < 500 and order[notebooks.write_notebook] > 501


def buttons(monkeypatch, branch):
    """Text and address of the launch buttons of a page, from those that the theme makes."""
    monkeypatch.delenv("BOOK_REPOSITORY_BRANCH", raising=False)
    monkeypatch.setenv("BOOK_NOTEBOOKS_BRANCH", branch)
    made = [
        {"text": "Binder", "url": "https://mybinder.org/v2/gh/owner/book/main?urlpath=lab/tree/book/page.md"},
        {"text": "Colab", "url": "https://colab.research.google.com/github/owner/book/blob/main/book/page.md"},
    ]
    group = {"label": "launch-buttons", "buttons": made}
    context = {"header_buttons": [{"label": "other", "buttons": []}, group], "pathto": lambda name: f"to {name}"}
    notebooks.launch(None, "book/page", "page.html", context, None)
    return {button["text"]: button["url"] for button in group["buttons"]}


def test_launch_buttons_lead_to_notebooks(monkeypatch):
    found = buttons(monkeypatch, "notebooks")
    assert found == {
        "Binder": "https://mybinder.org/v2/gh/owner/book/main?urlpath=lab/tree/tests/notebooks/page.ipynb",
        "Colab": "https://colab.research.google.com/github/owner/book/blob/notebooks/page.ipynb",
        "Run locally": "to book/reproduce",
    }
    assert all((ROOT / notebooks.REFERENCES / f"{page.stem}.ipynb").exists() for page in pages.executable())
    assert (ROOT / f"{notebooks.LOCALLY}.md").exists()


def test_no_colab_button_without_a_branch_of_notebooks(monkeypatch):
    assert list(buttons(monkeypatch, "")) == ["Binder", "Run locally"]


def test_workflow_pushes_the_offered_notebooks_to_their_branch(tmp_path):
    """The step itself, run on a repository made here."""
    job = WORKFLOWS["pages"]["jobs"]["publish"]
    (step,) = (step["run"] for step in job["steps"] if "git push" in step.get("run", ""))
    remote, clone, scratch = tmp_path / "remote.git", tmp_path / "clone", tmp_path / "scratch"

    def git(*arguments, folder=clone):
        done = subprocess.run(["git", *map(str, arguments)], cwd=folder, text=True, capture_output=True, check=True)
        return done.stdout.split()

    scratch.mkdir()
    git("init", "-q", "--bare", remote, folder=tmp_path)
    git("clone", "-q", remote, clone, folder=tmp_path)
    (clone / "README.md").write_text("a book\n")
    (clone / ".gitignore").write_text("_build/\n")
    git("add", ".")
    git("-c", "user.name=a", "-c", "user.email=a@b.c", "commit", "-q", "-m", "first")
    made = clone / "_build" / "html" / "_sources" / "book"
    made.mkdir(parents=True)
    for name in ("one.ipynb", "two.ipynb", "one.md"):
        (made / name).write_text("{}\n")
    env = {"RUNNER_TEMP": str(scratch), "GITHUB_SHA": "0" * 40, "PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}
    env |= {"BOOK_NOTEBOOKS_BRANCH": job["env"]["BOOK_NOTEBOOKS_BRANCH"]}
    done = subprocess.run(["bash", "-e", "-c", step], cwd=clone, env=env, text=True, capture_output=True)
    assert done.returncode == 0, done.stderr
    assert git("ls-tree", "-r", "--name-only", "notebooks", folder=remote) == ["one.ipynb", "two.ipynb"]
    assert git("rev-list", "--count", "notebooks", folder=remote) == ["1"]


def test_workflow_builds_with_the_addresses_that_buttons_and_cards_need():
    workflow = WORKFLOWS["pages"]
    steps = workflow["jobs"]["publish"]["steps"]
    (build,) = (number for number, step in enumerate(steps) if "make book" in step.get("run", ""))
    assert steps[build]["env"]["BOOK_SITE_URL"] == "${{ steps.pages.outputs.base_url }}"
    assert any(step.get("id") == "pages" and "configure-pages" in step["uses"] for step in steps[:build])
    assert "BOOK_REPOSITORY_URL" in workflow["jobs"]["publish"]["env"]
    assert workflow["permissions"]["contents"] == "write"


# Binder


def binder():
    """(options, requirements) of binder/requirements.txt."""
    text = (ROOT / "binder" / "requirements.txt").read_text("utf-8")
    lines = [line.partition(" #")[0].strip() for line in text.splitlines() if not line.startswith("#")]
    return [line for line in lines if line.startswith("-")], [
        Requirement(line) for line in lines if not line.startswith("-")
    ]


def test_binder_installs_the_engine_in_place_at_the_locked_versions_without_cuda():
    options, _ = binder()
    assert options == [
        "--extra-index-url https://download.pytorch.org/whl/cpu",
        "--constraint ../requirements.lock",
        "-e .",
    ]
    assert (ROOT / "binder" / "../requirements.lock").is_file()
    assert {canonicalize_name(Requirement(text).name) for text in PROJECT["dependencies"]} <= LOCK.keys()
    assert str(LOCK["torch"].specifier) == "==2.13.0"


def test_binder_installs_besides_what_pages_import_and_a_kernel():
    _, needs = binder()
    names = {need.name for need in needs}
    assert names == {*notebooks.BESIDES, "ipykernel", "jupyterlab-myst"}
    assert names - LOCK.keys() == {"jupyterlab-myst"}  # of Binder's JupyterLab, which the lock does not have
    assert all(not need.specifier for need in needs if need.name in LOCK)  # one place for versions


def test_binder_has_a_python_that_the_project_promises():
    version = re.fullmatch(r"python-(3\.\d+)\n", (ROOT / "binder" / "runtime.txt").read_text("utf-8"))[1]
    assert f'"{version}"' in (ROOT / ".github/workflows/weekly.yml").read_text("utf-8")


# Citation and licences


def test_citation_has_the_form_of_cff():
    """What schema 1.2.0 asks for, and the kinds of the fields that are used."""
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    assert citation["cff-version"] == "1.2.0" and citation["type"] in ("software", "dataset")
    assert {"message", "title", "authors"} <= citation.keys()
    known = "abstract authors cff-version date-released keywords license message references title type version".split()
    assert citation.keys() <= set(known)
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", str(citation["date-released"]))
    kinds = {"article", "conference-paper"}
    for reference in citation["references"]:
        assert reference["type"] in kinds and reference["title"] and isinstance(reference["year"], int)
        assert re.fullmatch(r"10\.\d{4,9}(\.\d+)?/\S+", reference.get("doi", "10.1000/x"))
        assert all(item["type"] in ("doi", "url", "swh", "other") for item in reference.get("identifiers", []))
        assert all({"family-names", "given-names"} <= person.keys() for person in reference["authors"])
    assert all(person.keys() == {"name"} or "family-names" in person for person in citation["authors"])


def test_zenodo_says_what_the_citation_says():
    zenodo = json.loads((ROOT / ".zenodo.json").read_text("utf-8"))
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    assert zenodo["title"] == citation["title"] and zenodo["license"] == citation["license"]
    assert zenodo["upload_type"] == citation["type"] and zenodo["keywords"] == citation["keywords"]
    assert [person["name"] for person in zenodo["creators"]] == [person["name"] for person in citation["authors"]]
    named = {item["identifier"] for item in zenodo["related_identifiers"]}
    assert named == {
        *(reference["doi"] for reference in citation["references"] if "doi" in reference),
        *(item["value"] for reference in citation["references"] for item in reference.get("identifiers", [])),
    }
    assert "version" not in zenodo  # the release says it


def test_each_licence_is_there_and_the_readme_tells_them_apart():
    readme = (ROOT / "README.md").read_text("utf-8")
    for file, words in {
        "LICENSE": "BSD 3-Clause License",
        "LICENSE-prose": "Creative Commons Attribution 4.0 International",
        "book/_static/fonts/OFL.txt": "SIL OPEN FONT LICENSE",
    }.items():
        assert words in (ROOT / file).read_text("utf-8") and f"]({file})" in readme
    assert PROJECT["license"] == "BSD-3-Clause" and PROJECT["license-files"] == ["LICENSE"]


def test_links_of_the_readme_lead_to_files():
    links = re.findall(r"\]\(([^)]+)\)", (ROOT / "README.md").read_text("utf-8"))
    workflow = re.compile(r"\.\./\.\./actions/workflows/(\w+)\.yml(/badge\.svg)?")
    for link in links:
        hit = workflow.fullmatch(link)
        assert hit[1] in WORKFLOWS if hit else (ROOT / link).is_file(), link


# Spelling and links


def test_words_that_the_spelling_ignores_still_occur():
    rows = dict(re.findall(r"^(\S+) = (.+)$", (ROOT / ".codespellrc").read_text("utf-8"), re.M))
    skipped = (".ipynb", ".json", ".lock", ".svg")
    names = subprocess.run(["git", "ls-files"], cwd=ROOT, text=True, capture_output=True, check=True).stdout.split()
    files = [ROOT / name for name in names if not name.endswith(skipped) and name != ".codespellrc"]
    text = "\n".join(path.read_bytes().decode("utf-8", "ignore") for path in files if path != Path(__file__))
    words = rows["ignore-words-list"].split(",")
    assert words == sorted(words)
    assert [word for word in words if not re.search(rf"\b{word}\b", text, re.I)] == []


def test_public_checks_of_spelling_and_links_run():
    runs = {
        f"{name} {job}": " ".join(step.get("run", "") for step in content["steps"])
        for name, workflow in WORKFLOWS.items()
        for job, content in workflow["jobs"].items()
    }
    assert "codespell" in runs["ci spelling"] and "tools/check_links.py" in runs["weekly links"]
    assert set(WORKFLOWS["weekly"]["jobs"]["report"]["needs"]) == WORKFLOWS["weekly"]["jobs"].keys() - {"report"}


def test_addresses_are_found_in_a_text():
    text = (
        "[a](https://a.org/x). <https://b.org/y>, doi: 10.1145/3511808.3557237\n"
        "doi = {10.1000/Ab.c}, value: arXiv:2003.13438, http://localhost:8000, https://a.org/x"
    )
    assert check_links.addresses(text) == [
        "https://a.org/x",
        "https://b.org/y",
        "https://doi.org/10.1145/3511808.3557237",
        "https://doi.org/10.1000/Ab.c",
        "https://arxiv.org/abs/2003.13438",
    ]


def test_addresses_of_the_project_are_found():
    found = check_links.named()
    assert "CITATION.cff" in found["https://doi.org/10.1145/3511808.3557237"]
    assert "book/_templates/colophon.html" in found["https://creativecommons.org/licenses/by/4.0/"]


def test_an_address_that_is_gone_is_told_from_one_that_is_there(tmp_path):
    (tmp_path / "here.html").write_text("here")
    with served(tmp_path) as address:
        assert check_links.trouble(f"{address}/here.html") is None
        assert check_links.trouble(f"{address}/gone.html") == "answers 404"
    assert check_links.trouble(f"{address}/here.html", pause=0).startswith("cannot be reached")
