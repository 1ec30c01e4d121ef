"""Command line: ``kdsrc data | reproduce | verdicts``.

Each command imports what it needs when it is called, so that help, choices and mistakes are answered at once.
"""

import os
import shutil
from contextlib import contextmanager

import click

import kdsrc
from kdsrc.titles import TITLES

_MOST_SEEDS = 1_000  # as runner.MOST_SEEDS
_MOST_JOBS = 4 * (os.cpu_count() or 1)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(kdsrc.__version__, prog_name="kdsrc")
def main():
    """The experiments of the book: fetch the data, repeat the studies, read the verdicts."""


@main.command("data")
@click.option("--root", type=click.Path(file_okay=False), help="Folder that holds cifar-10-batches-bin/.")
def show_data(root):
    """Find CIFAR-10, fetching it when it is nowhere, and say what it holds."""
    from kdsrc import data

    found = _friendly(data.load, "cifar10", root=root)
    click.echo(
        f"{found.name}: {len(found.y_train)} training and {len(found.y_test)} test images of "
        f"{found.x_train.shape[1]} values, sha256 {found.sha256()}"
    )


@main.command()
@click.argument("name", type=click.Choice([*TITLES, "all"]))
@click.option(
    "--scale",
    type=click.Choice(["paper", "quick"]),
    default="quick",
    show_default=True,
    help="The paper's sizes (hours), or a thousand images (minutes).",
)
@click.option(
    "--seeds", type=click.IntRange(min=1, max=_MOST_SEEDS), help="How many seeds  [default: five, two for quick]."
)
@click.option(
    "--jobs",
    type=click.IntRange(min=1, max=_MOST_JOBS),
    default=os.cpu_count(),
    show_default="one a core",
    help="Seeds at a time, one thread each; at most four a core.",
)
@click.option("--root", type=click.Path(file_okay=False), help="Folder that holds cifar-10-batches-bin/.")
def reproduce(name, scale, seeds, jobs, root):
    """Repeat one study, or all, and write the record.

    Records of scale paper land in results/, of scale quick in results/quick/. Finished work is kept in
    $KDSRC_WORK (results/.work): a run that was stopped goes on where it was.
    """
    from kdsrc import records
    from kdsrc.studies import STUDIES, runner
    from kdsrc.studies.common import default_store

    studies = list(STUDIES.values()) if name == "all" else [STUDIES[name]]
    for number, study in enumerate(studies, start=1):
        settings, count = study.settings[scale], seeds or study.seeds[scale]
        click.echo(f"[{number}/{len(studies)}] {study.name}: {study.title}; {count} seeds")
        store = default_store()
        with _one_line_for_faults(store):
            _say_what_is_left(studies[number - 1 :], seeds, scale, jobs)
            images = _friendly(settings.data, root)
            record = runner.run(study, settings, images, range(count), store, jobs=jobs, scale=scale)
            written = records.save(record, _folder(scale))
        click.echo(f"  {written}  ({record.provenance['seconds'] / 60:.1f} minutes of work)")


@main.command("verdicts")
@click.argument("names", nargs=-1, metavar="[RECORD]...")
@click.option(
    "--scale", type=click.Choice(["paper", "quick"]), default="paper", show_default=True, help="Which records to judge."
)
def show_verdicts(names, scale):
    """What the records say of the paper's claims: of all, or of those that the named records decide."""
    from kdsrc import claims
    from kdsrc.report import text

    judged = _friendly(claims.verdicts, names or None, _folder(scale), scale=scale)
    click.echo(text.table(judged, width=shutil.get_terminal_size().columns))


def _say_what_is_left(studies, seeds, scale, jobs):
    """A line for the first of `studies`, and one for all of them, as far as earlier records tell."""
    from kdsrc.studies.common import default_store
    from kdsrc.studies.plan import plan

    works = plan(studies, default_store(), seeds=seeds, scale=scale, folder=_folder(scale))
    first, known = works[studies[0].name], [work for work in works.values() if work]
    if first:
        click.echo(f"  {first.done} of {first.total} pieces are done, the rest took {_minutes(first.seconds / jobs)}")
    if len(studies) > 1:
        unknown = ", ".join(name for name, work in works.items() if not work)
        click.echo(
            f"  left in all: {_minutes(sum(work.seconds for work in known) / jobs)}"
            + (f", and what has no record yet: {unknown}" if unknown else "")
        )


def _minutes(seconds):
    return f"{seconds / 60:.0f} minutes" if seconds >= 60 else f"{seconds:.0f} seconds"


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
