"""One seed of one setting: its networks, and the training of whatever conditions are missing.

Teachers come first. Conditions that differ in nothing but their iterations are one run, read on the way; runs on the
same inputs and labels are trained in one pass.
"""

import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import numpy as np

from kdsrc.data import Dataset, load
from kdsrc.distillation import choose_units, random_start
from kdsrc.networks import TwoLayerNetwork, init_network
from kdsrc.studies.conditions import DESCENT, KERNEL_REGIME, LONG_STEPS, SHUFFLED, Condition
from kdsrc.studies.histories import joined, predict, truncated
from kdsrc.studies.inputs import learned_weights, seen
from kdsrc.studies.settings import Settings, recorded, streams
from kdsrc.studies.store import Store, pack, unpack
from kdsrc.training.euler import Arm, train
from kdsrc.training.history import History
from kdsrc.training.long_steps import integrate_long_steps

__all__ = ["Bench"]

MOST_UNITS = 400  # of one pass: larger ones are not faster, and a run that is killed loses no more than a pass


@dataclass(frozen=True, eq=False)
class Bench:
    """Where one seed of a setting is worked on.

    Attributes
    ----------
    settings : Settings
    data : Dataset
        All images, as pixels.
    data_hash : str
    seed : int
    store : Store
        Every condition is kept there as soon as it is trained.
    root : path, optional
        Where other classes are read from, as in `kdsrc.data.load`.

    Examples
    --------
    >>> from pathlib import Path
    >>> from kdsrc.studies.settings import SCALES
    >>> settings = SCALES["live"]
    >>> bench = Bench(settings, settings.data(), "hash", 0, Store(Path("nowhere")))
    >>> bench.start(settings.student()).network.width
    20
    """

    settings: Settings
    data: Dataset
    data_hash: str
    seed: int
    store: Store
    root: Path | str | None = None
    _seen: dict = field(default_factory=dict, init=False)  # data sets made so far, by inputs, images and labels

    def key(self, condition: Condition) -> dict:
        """Everything that decides the condition's numbers."""
        piece = f"{condition.method.replace(' ', '-')}-{condition.width}"
        return self._named(piece, condition=condition.said())

    def history(self, condition: Condition) -> History:
        """The condition's history, out of the store.

        Raises
        ------
        KeyError
            When it has not been trained: call `complete` before.
        """
        return unpack(self._arrays(condition))

    def network(self, condition: Condition) -> TwoLayerNetwork:
        """The condition's network at its end."""
        return self.history(condition).network

    def seconds(self, conditions: Iterable[Condition]) -> float:
        """Time that the conditions and all that they need took, on one thread."""
        return float(sum(float(self._arrays(one)["seconds"]) for one in self._closure(conditions)))

    def complete(self, wanted: Iterable[Condition]) -> None:
        """Train what is missing of these conditions, and of what they need.

        Of a pass that was not finished every condition is trained once more, in the same company: a product's last bit
        can depend on how many rows it has. What is in the store stays.
        """
        wanted = list(wanted)
        missing = self._closure(wanted, but=self._has)
        for stage in self._stages(wanted):
            for batch in self._passes(stage):
                if missing.isdisjoint(batch):
                    continue
                batch = [one for one in batch if one in missing or all(self._has(need) for need in self._needs(one))]
                start = time.monotonic()
                found = self._run(batch)
                share = (time.monotonic() - start) / sum(one.width for one in batch)
                for one in missing.intersection(batch):
                    self.store.put(self.key(one), pack(found[one]), share * one.width)

    def dataset(self, condition: Condition) -> Dataset:
        """The images as this condition sees them: classes, number, inputs, targets."""
        name = condition.targets
        if name not in self._seen:
            few = condition.images, condition.classes
            data = self._labelled(condition, self._first(*few))
            data = seen(condition.inputs, data, lambda: self.learned(*few), self.seed)
            if condition.outputs:
                says = self.network(condition.outputs).output(data.x_train)
                data = replace(data, y_train=(1.0 - condition.mixing) * data.y_train + condition.mixing * says)
            self._seen[name] = data
        return self._seen[name]

    def learned(self, images: int | None = None, classes: tuple[int, int] | None = None) -> dict[str, np.ndarray]:
        """``gammas`` and ``weights`` of alignf's combination, learned on the first so many images; no chance in it."""
        more = {"classes": classes} if classes else {}
        return self.piece(
            "alignf", lambda: learned_weights(self._first(images, classes)), chance=False, images=images, **more
        )

    def piece(
        self, name: str, compute: Callable[[], dict[str, np.ndarray]], *, chance: bool = True, **more
    ) -> dict[str, np.ndarray]:
        """Other work on this bench, kept in the store under this name; for all seeds where no chance is in it."""
        return self.store.piece(self._named(name, **more) | ({} if chance else {"seed": None}), compute)

    def start(self, condition: Condition) -> Arm:
        """The condition's arm before its first iteration.

        A random start of the teacher's width is the teacher's own. Any narrower one has the output weights of the
        units that the seed draws from the teacher, so that unit k is the partner of Φ's column k. All random starts of
        a seed that have one width are therefore one network.
        """
        network = self._chosen(condition.start, condition)
        network = replace(network, output_weights=np.sign(network.output_weights) * condition.output_scale)
        knowledge = None
        if condition.knowledge:
            knowledge = self._chosen(condition.knowledge, condition).features(self.dataset(condition).x_train)
        return Arm(condition.brief, network, condition.penalty, knowledge)

    def _arrays(self, condition):
        arrays = self.store.get(self.key(condition))
        if arrays is None:
            raise KeyError(f"Bench.history: {condition} is not in the store; expected a condition that was completed")
        return arrays

    def _named(self, piece, **more):
        return {"piece": piece, "settings": self.settings.deciding(), "data": self.data_hash, "seed": self.seed, **more}

    def _first(self, images, classes=None):
        """The data, or those of other classes, with the first so many training images; all where `images` is None."""
        data, settings = self.data, self.settings
        if classes:
            sizes = {"n_train": settings.n_train, "n_test": settings.n_test}
            data = load(settings.dataset, **sizes, root=self.root, classes=classes)
        if images is None:
            return data
        return replace(data, x_train=data.x_train[:images], y_train=data.y_train[:images])

    def _labelled(self, condition, data):
        """The data with their training labels shuffled and turned round as the condition says."""
        if condition.labels == SHUFFLED:
            data = replace(data, y_train=data.y_train[self._order("labels", data)])
        if condition.flipped:
            chosen = self._order("flips", data)[: round(condition.flipped * len(data.y_train))]
            data = replace(data, y_train=np.where(np.isin(np.arange(len(data.y_train)), chosen), -1, 1) * data.y_train)
        return data

    def _order(self, stream, data):
        return np.random.default_rng(streams(self.seed)[stream]).permutation(len(data.y_train))

    def _chosen(self, source, condition):
        """The network that `source` (None: a random one) gives to this condition."""
        random, wide = streams(self.seed), self.settings.teacher_width
        std = condition.std or self.settings.std
        if source is not None:
            network = self.network(source)
        else:
            dim = self.dataset(condition).x_train.shape[1]
            network = init_network(wide, dim, seed=random["teacher"], std=std, activation=condition.activation)
        if condition.width == network.width:
            return network
        network = network.select(choose_units(network.width, condition.width, seed=random["choice"]))
        return network if source else random_start(network, seed=random["restart"], std=std)

    def _needs(self, condition):
        if not self._goes_on(condition):
            return condition.teachers
        return (*condition.teachers, replace(condition, method=DESCENT, iterations=self.settings.handover))

    def _goes_on(self, condition):
        return condition.method == LONG_STEPS and condition.iterations > self.settings.handover

    def _has(self, condition):
        return self.key(condition) in self.store

    def _closure(self, wanted, but=lambda one: False):
        """The conditions and all that they need; `but` says of which neither they nor what they need count."""
        found, waiting = set(), [*wanted]
        while waiting:
            one = waiting.pop()
            if one not in found and not but(one):
                found.add(one)
                waiting += self._needs(one)
        return found

    def _stages(self, wanted):
        """All conditions in lists, each of which needs only what stands in earlier ones."""
        depths = {}

        def depth(one):
            if one not in depths:
                depths[one] = 1 + max(map(depth, self._needs(one)), default=0)
            return depths[one]

        for one in wanted:
            depth(one)
        return [[one for one in depths if depths[one] == stage] for stage in sorted({*depths.values()})]

    def _passes(self, conditions):
        """Lists of conditions that are trained together."""
        families = defaultdict(list)
        for one in conditions:  # long steps keep no network on the way: each length is a run of its own
            families[one if one.method == LONG_STEPS else one.family].append(one)
        groups = defaultdict(list)
        for family, members in families.items():
            longest = max(one.iterations for one in members)
            alike = (*family.targets, family.method, self._halves(family), longest)
            if family.method == LONG_STEPS:  # a larger penalty needs shorter steps, which others need not share
                alike += (family.penalty,)
            groups[alike].append(members)
        for group in groups.values():
            batch: list[Condition] = []
            units = 0
            for members in group:
                if batch and units + members[0].width > MOST_UNITS:
                    yield batch
                    batch, units = [], 0
                batch, units = [*batch, *members], units + members[0].width
            yield batch

    def _halves(self, condition):
        return 2 if self.settings.halved_from <= condition.penalty < np.inf else 1

    def _run(self, batch):
        """Histories of the conditions of one pass, which share all but their arms and how far each goes."""
        first, longest = batch[0], max(one.iterations for one in batch)
        data = self.dataset(first)
        rate = self.settings.learning_rate * len(self.data.y_train) / len(data.y_train)
        ends = sorted({one.iterations for one in batch})
        rows = sorted({row for end in ends for row in recorded(end)})
        arms = {one.family: replace(self.start(one), name=str(number)) for number, one in enumerate(batch)}
        if first.method == KERNEL_REGIME:
            foretold = partial(predict, learning_rate=rate, iterations=np.array(rows))
            runs = {arm.name: foretold(arm, data) for arm in arms.values()}
        elif self._goes_on(first):
            runs = self._long(arms, data, rate, rows)
        else:
            halves = self._halves(first)
            runs = train(
                list(arms.values()),
                data,
                learning_rate=rate / halves,
                iterations=halves * longest,
                record_every=[halves * row for row in rows],
                checkpoints=[halves * end for end in ends],
                dtype=self.settings.dtype,
            )
            runs = {
                name: replace(
                    run,
                    iterations=run.iterations // halves,
                    checkpoints={end // halves: network for end, network in run.checkpoints.items()},
                )
                for name, run in runs.items()
            }
        return {one: truncated(runs[arms[one.family].name], one.iterations) for one in batch}

    def _long(self, arms, data, rate, rows):
        """The descent to the handover, out of the store, and the long steps from there."""
        handover = self.settings.handover
        before = {family: self.history(replace(family, method=DESCENT, iterations=handover)) for family in arms}
        later = integrate_long_steps(
            [replace(arm, network=before[family].network) for family, arm in arms.items()],
            data,
            learning_rate=rate,
            iterations=rows[-1] - handover,
            record_every=[row - handover for row in rows if row > handover],
            stages=self.settings.stages,
            dtype=self.settings.dtype,
        )
        return {arm.name: joined(before[family], later[arm.name]) for family, arm in arms.items()}
