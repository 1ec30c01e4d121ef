"""Command line: ``kdsrc data | reproduce | sweep | verdicts``.

Each command imports what it needs when it is called, so that help, choices and mistakes are answered at once.
"""

import os
import shutil
from contextlib import contextmanager
from pathlib import Path

import click

import kdsrc
from kdsrc.titles import STUDY_TITLES, SWEEP_TITLES

__all__ = ["main"]

_MOST_SEEDS = 1_000  # as runner.MOST_SEEDS
_MOST_JOBS = 4 * (os.cpu_count() or 1)


_ROOT = click.option("--root", type=click.Path(file_okay=False), help="Folder that holds cifar-10-batches-bin/.")
_RUN = (
    click.option(
        "--scale",
        type=click.Choice(["paper", "quick"]),
        default="quick",
        show_default=True,
        help="The paper's sizes (hours), or a thousand images (minutes).",
    ),
    click.option(
        "--seeds",
        type=click.IntRange(min=1, max=_MOST_SEEDS),
        help="How many seeds  [default: the study's own number].",
    ),
    click.option(
        "--jobs",
        type=click.IntRange(min=1, max=_MOST_JOBS),
        default=os.cpu_count(),
        show_default="one a core",
        help="Seeds, or tasks of a sweep, at a time, one thread each; at most four a core.",
    ),
    _ROOT,
    click.option("--results", type=click.Path(file_okay=False), help="Folder of the records."),
)


def _options_of_a_run(command):
    """What `reproduce` and `sweep` both ask for."""
    for option in reversed(_RUN):
        command = option(command)
    return command


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(kdsrc.__version__, prog_name="kdsrc")
def main() -> None:
    """The experiments of the book: fetch the data, repeat the studies, read the verdicts."""


@main.command("data")
@_ROOT
def show_data(root: str | None) -> None:
    """Find CIFAR-10, fetching it when it is nowhere, and say what it holds."""
    from kdsrc import data, records

    found = _friendly(data.load, "cifar10", root=root)
    told = {"name": found.name, "sha256": found.sha256()}
    click.echo(
        f"{found.name}: {len(found.y_train)} training and {len(found.y_test)} test images of "
        f"{found.x_train.shape[1]} values, sha256 {told['sha256']}\nImages: {records.images_of(told)}"
    )
    if not records.known_images(told):
        click.echo(
            "The book's records were not made from these images: runs will end with other numbers, and the first of "
            "them are other pictures.\nSigns and sizes of effects are expected to agree, digits are not: compare with "
            "kdsrc verdicts --compare FOLDER"
        )


@main.command()
@click.argument("names", nargs=-1, required=True, type=click.Choice([*STUDY_TITLES, "all"]), metavar="NAME...")
@_options_of_a_run
def reproduce(
    names: tuple[str, ...], scale: str, seeds: int | None, jobs: int, root: str | None, results: str | None
) -> None:
    """Repeat studies, or all, and write their records.

    Records of scale paper land in results/, of scale quick in results/quick/, unless told. They grow seed by seed,
    and finished work is kept in $KDSRC_WORK (results/.work): a run that was stopped goes on where it was.
    """
    from kdsrc import records
    from kdsrc.studies import STUDIES, runner
    from kdsrc.studies.store import default_store

    studies = [STUDIES[name] for name in (STUDIES if "all" in names else dict.fromkeys(names))]
    store, folder = default_store(), Path(results) if results else _folder(scale)
    for study in studies:
        click.echo(f"{study.name}: {study.title}; {_what_is_left(study, seeds or study.seeds[scale], folder, jobs)}")
    with _one_line_for_faults(store):
        for record in _friendly(runner.reproduce, studies, scale, seeds, store, folder, jobs=jobs, root=root):
            minutes = sum(one["seconds"] for one in record.provenance["seeds"]) / 60
            click.echo(
                f"  {records.path(record.name, folder)}: {len(record.seeds)} seeds, {minutes:.1f} minutes of work"
            )


@main.command("sweep")
@click.argument("name", type=click.Choice([*SWEEP_TITLES, *STUDY_TITLES]), metavar="NAME")
@_options_of_a_run
@click.option("--dask", metavar="ADDRESS", help="Of a Dask scheduler, such as tcp://10.0.0.1:8786, in place of --jobs.")
@click.option("--plan", "planned", is_flag=True, help="Only say how long it takes on 1, 16 and 256 cores.")
def run_sweep(
    name: str,
    scale: str,
    seeds: int | None,
    jobs: int,
    dask: str | None,
    planned: bool,
    root: str | None,
    results: str | None,
) -> None:
    """Run a sweep, every point and seed an independent task, on this machine or on a Dask cluster.

    A study is swept by its seeds. What is done stands in the record and in $KDSRC_WORK (results/.work): the same
    command goes on from there, and tries again what failed.
    """
    from kdsrc.studies import STUDIES, SWEEPS, parallel, runner, sweep_runner
    from kdsrc.studies.store import default_store

    store, folder = default_store(), Path(results) if results else _folder(scale)
    if planned:
        return _show_plan(name, scale, seeds, folder, root)
    options, record = {"jobs": jobs, "cluster": dask, "root": root}, None
    with _one_line_for_faults(store):
        if name in STUDIES:
            grown = _friendly(runner.reproduce, [STUDIES[name]], scale, seeds, store, folder, **options)
        else:
            grown = _friendly(sweep_runner.sweep, SWEEPS[name], scale, seeds, store, folder, **options)
        try:
            for record in grown:
                done = len(record.measures.get("seed", record.seeds))
                click.echo(f"  {_path(record, folder)}: {done} tasks done")
        except parallel.ClusterNotReady as error:
            raise click.ClickException(str(error)) from error
    if failed := record and record.provenance.get("failed"):
        for task in failed:
            click.echo(f"  failed: {task['point']}, seed {task['seed']}: {task['error']}", err=True)
        raise click.ClickException(f"{len(failed)} tasks failed; the same command tries them again")


@main.command("verdicts")
@click.argument("names", nargs=-1, metavar="[RECORD]...")
@click.option(
    "--scale", type=click.Choice(["paper", "quick"]), default="paper", show_default=True, help="Which records to judge."
)
@click.option(
    "--compare",
    type=click.Path(exists=True, file_okay=False),
    help="Folder of other records, as of your own images: set their verdicts beside ours.",
)
def show_verdicts(names: tuple[str, ...], scale: str, compare: str | None) -> None:
    """What the records say of the paper's claims: of all, or of those that the named records decide."""
    from kdsrc import claims
    from kdsrc.report import text

    width = shutil.get_terminal_size().columns
    if not compare:
        judged = _friendly(claims.verdicts, names or None, _folder(scale), scale=scale)
        click.echo(text.table(judged, width=width))
        return
    found = [name for name in (names or _names_in(compare)) if name in {one.record for one in claims.all_claims()}]
    if not found:
        raise click.ClickException(f"{compare} has no record that a claim reads; expected some, as figure1.json")
    ours = _friendly(claims.verdicts, found, _folder(scale), scale=scale)
    theirs = _friendly(claims.verdicts, found, compare)
    for name in found:
        click.echo(f"{name}: {_images(name, _folder(scale))} | {_images(name, compare)}")
    click.echo(text.comparison(ours, theirs, width=width))


def _names_in(folder):
    return sorted(path.stem for path in Path(folder).glob("*.json"))


def _images(name, folder):
    """How many seeds of which images a record is of, in a few words."""
    from kdsrc import records

    try:
        found = records.load(name, folder)
    except (OSError, ValueError):
        return "none"
    told = found.dataset
    count = len(found.seeds)
    return f"{count} {'seed' if count == 1 else 'seeds'}, {told['n_train']} images ({told['images']})"


def _what_is_left(study, seeds, folder, jobs):
    """How many seeds there are and how long the others take, as far as the record in the folder tells."""
    from kdsrc import records

    try:
        made = records.load(study.name, folder).provenance["seeds"]
        seconds = sum(one["seconds"] for one in made) / len(made)
    except (OSError, ValueError, KeyError, ZeroDivisionError):  # none, or one that will be made again
        return f"{seeds} seeds"
    left = max(seeds - len(made), 0)
    return f"{seeds} seeds, {left} of them left, about {_minutes(left * seconds / jobs)}"


def _show_plan(name, scale, seeds, folder, root):
    """A table of cores and hours, from measured costs."""
    from kdsrc import records
    from kdsrc.studies import SWEEPS, plan

    if name not in SWEEPS:
        raise click.ClickException(f"{name} is a study: kdsrc reproduce says what is left of it; --plan is for sweeps")
    try:
        record = records.load(name, folder, scale=scale)
    except (OSError, ValueError):  # none, or one that will be made again
        record = None
    try:
        found = _friendly(plan.plan, SWEEPS[name], scale, seeds, record, root=root)
    except RuntimeError as error:  # the task that is timed failed
        raise click.ClickException(str(error)) from error
    click.echo(
        f"{name}, scale {scale}: {len(found.seconds)} points × {found.seeds} seeds; {found.measured} points measured "
        f"on {found.processor}, one core: {sum(found.seconds.values()) / len(found.seconds):.1f} s a task"
    )
    for cores in plan.CORES:
        click.echo(f"{cores:5} {'core ' if cores == 1 else 'cores'}  {_minutes(found.until_done(cores))}")


def _path(record, folder):
    from kdsrc import records

    return records.path(record.name, folder)


def _minutes(seconds):
    for unit, name in ((3_600, "hours"), (60, "minutes")):
        if seconds >= 2 * unit:
            return f"{seconds / unit:.0f} {name}" if seconds >= 10 * unit else f"{seconds / unit:.1f} {name}"
    return f"{seconds:.0f} seconds"


def _folder(scale):
    from kdsrc import records

    return records.RESULTS if scale == "paper" else records.RESULTS / "quick"


@contextmanager
def _one_line_for_faults(store):
    """What is no fault of the code becomes one line and an exit code: ^C, no space, no permission, no memory."""
    from concurrent.futures.process import BrokenProcessPool

    kept = f"finished pieces are kept in {store.folder}, and the same command goes on from there"
    try:
        yield
    except KeyboardInterrupt:
        click.echo(f"\nStopped: {kept}", err=True)
        raise click.exceptions.Exit(130) from None
    except BrokenProcessPool as error:
        raise click.ClickException(
            f"a worker was ended from outside, perhaps for want of memory (fewer --jobs need less): {kept}"
        ) from error
    except OSError as error:
        raise click.ClickException(f"{error}: {kept}") from error


def _friendly(call, *arguments, **options):
    """The result of `call`; a problem with the data becomes a message without a traceback."""
    try:
        return call(*arguments, **options)
    except (OSError, ValueError) as error:
        raise click.ClickException(str(error)) from error
