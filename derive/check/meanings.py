"""What the names in a working can mean: its own names, those without an index, namesakes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain, islice, product
from typing import Any

from derive.check.adjoints import with_adjoints
from derive.check.arrays import STACKED, shape_of
from derive.check.figures import Figure, Own, by_quantity, figures_in, own, own_but
from derive.check.reading import Claim
from derive.check.resolving import COUNTS
from derive.check.spans import Span, all_meet, exact, figure_span, is_figure
from derive.check.turning import name_first
from derive.check.values import has_names, key_of, leaves, number
from derive.check.warmups import with_own_functions
from derive.check.worlds import Model, World
from derive.quantities import Id, New, Partial, Quantity, at, core, is_whole
from derive.syntax import Tree

MOST_READINGS = 64  # ways to settle names without an index; more are left undecided
FEW_FIGURES = 3  # from so many on they say by themselves after which update they are
MOST_TURNS = 3  # rounds that go by the same names
MOST_ALIKE = 8  # ways in which names mean the same that are tried first
MOST_TRIED = 4096  # combinations among which they are looked for


@dataclass(frozen=True)
class Working:
    """All that is known while a working is judged.

    `locals` holds what the working's own names stand for, `figures` the writer's figures,
    `habits` worlds with a mistake that was found and is made throughout. From claim number
    `turned` on a name may stand for its value after an update.
    """

    model: Model
    claims: tuple[Claim, ...]
    locals: Mapping[str, tuple[Tree, ...]]
    figures: tuple[Figure, ...] = ()
    habits: tuple[World, ...] = ()
    turned: int = 0

    @cached_property
    def _figures(self) -> tuple[Own, Mapping[Id, tuple[Figure, ...]]]:
        return own(self.figures), by_quantity(self.figures)

    @cached_property
    def _kept(self) -> dict[int, Own]:
        return {}

    def own_figures(self, n: int) -> Own:
        """The writer's figures, but for those of chain n."""
        if n not in self._kept:
            self._kept[n] = own_but(self.figures, n, *self._figures)
        return self._kept[n]


def working(model: Model, claims: tuple[Claim, ...], text: str = "") -> Working:
    """A working before anything is judged; `text` is what its claims stand in."""
    named = with_own_functions(model, with_adjoints(model, tuple(map(name_first, claims))))
    read = tuple(map(with_readings(model), named))
    figures = figures_in(model, read)
    return Working(model, read, locals_of(read), figures, turned=_turned(read, figures, text))


_UPDATES = re.compile(
    r"updat|iterat|epoch|\bnew\b|\bneue|aktualis|actuali|à jour|aggiorn|atualiz|обновл|更新|迭代", re.IGNORECASE
)


def _turned(claims: tuple[Claim, ...], figures: tuple[Figure, ...], text: str) -> int:
    """The first claim about a derivative or an update, or behind a word for one; 0 where nothing is as before any."""
    if len(figures) >= FEW_FIGURES and all(figure.wrong for figure in figures):
        return 0
    word = _UPDATES.search(text)
    start = word.start() if word else len(text)
    return next((n for n, each in enumerate(claims) if _is_backward(each) or each.place.start > start), len(claims))


def _is_backward(claim: Claim) -> bool:
    named = (each for member in claim.members if member.tree is not None
             for leaf in leaves(member.tree) if leaf.op in ("id", "ids") for each in leaf.ids[:1])
    return any(sign.relation == "→" for sign in claim.signs) or any(
        isinstance(each, (New, Partial)) or each.kind == "delta" for each in named)


def instanced(known: Working, n: int, instance: Claim) -> Working:
    """The same working with one of the instances of a claim in its place."""
    return replace(known, claims=(*known.claims[:n], instance, *known.claims[n + 1 :]))


def with_readings(model: Model) -> Callable[[Claim], Claim]:
    """The claims with every meaning of their names.

    `error` may be the loss, or the difference of output and target, which is d(loss)/d(out) of
    half its square; b_1 may be a bias or a whole layer's.
    """
    layers = model.lecture.network.layers if model.lecture.network else ()
    outputs = range(1, (layers[-1].units if layers else 0) + 1)
    ends = tuple(Partial(model.root, Quantity("out", (len(layers), i))) for i in outputs)

    def reread(tree: Tree | None) -> Tree | None:
        if tree is None or tree.op in ("id", "ids"):
            return None if tree is None else meanings(tree)
        return replace(tree, args=tuple(a for a in map(reread, tree.args) if a)) if tree.args else tree

    def meanings(leaf: Tree) -> Tree:
        if leaf.ids == (model.root,) and key_of(leaf) == "error":
            return replace(leaf, op="ids", ids=(model.root, *ends))
        ids = tuple(of for each in leaf.ids for of in _primed(model, each, leaf.text))
        found = _with_values(model, ids, model.vocabulary.exact(key_of(leaf)) if leaf.text else ())
        return leaf if found == leaf.ids else replace(leaf, op="ids" if len(found) > 1 else "id", ids=found)

    def claim(each: Claim) -> Claim:
        members = tuple(replace(m, tree=reread(m.tree)) for m in each.members)
        return replace(
            each,
            members=members,
            instances=tuple(map(claim, each.instances)),
            turned=tuple(map(claim, each.turned)),
        )

    return claim


def _primed(model: Model, each: Id, text: str) -> tuple[Id, ...]:
    """y' of an equation that is never updated is its derivative."""
    derive = model.lecture.derive
    if derive is None or not isinstance(each, New) or "'" not in text or isinstance(model.home(each), New):
        return (each,)
    return tuple(Partial(each.of, Quantity(by)) for by in derive.by if Quantity(by) != each.of) or (each,)


def _with_values(model: Model, ids: tuple[Id, ...], spelt: tuple[Id, ...]) -> tuple[Id, ...]:
    """What a name may mean, of that what has a value; without the mark of a sample any sample's.

    `spelt`: all that bears this very name, where that is known.
    """
    also = (other for each in ids for other in model.also(each) if not spelt or other in spelt or other in ids)
    namesakes = tuple(dict.fromkeys(also))
    if len(namesakes) == 1 and model.has(namesakes[0]):
        return namesakes
    found = dict.fromkeys(one for each in namesakes for one in (each, *_of_samples(model, each)) if model.has(one))
    alone = {model.home(one): one for one in reversed(found)}  # a layer of one number is that number
    return tuple(one for one in found if alone[model.home(one)] == one) or namesakes


def _of_samples(model: Model, quantity: Id) -> tuple[Id, ...]:
    if _sample(quantity) or not model.samples or model.has(quantity):
        return ()
    return (*(at(quantity, sample) for sample in model.samples), *_stacked(model, quantity))


def _stacked(model: Model, quantity: Id) -> Iterator[Id]:
    """A layer of all samples together; a derivative by it is that of each sample's loss, or of the mean of these."""
    inner = quantity.by if isinstance(quantity, Partial) else quantity
    if not isinstance(inner, Quantity) or inner.kind not in ("x", "target", "net", "out", "delta"):
        return
    if is_whole(inner) or model.home(replace(inner, index=inner.index[:-1])) == inner:
        yield at(quantity, STACKED)
        if isinstance(quantity, Partial) and quantity.of == model.root and model.lecture.training.reduction == "mean":
            yield Partial(quantity.of, at(quantity.by, STACKED))


def locals_of(claims: tuple[Claim, ...]) -> dict[str, tuple[Tree, ...]]:
    """What each of the working's own names is set to, in order; also the quantity in `y = a_1^3 = 0.6654`."""
    found: dict[str, list[Tree]] = {}
    for claim in claims:
        members = [claim.subject, *(member.tree for member in claim.members)]
        for name, meant in zip(members, _behind(members), strict=True):
            if name is None or name.op != "local" or meant is None:
                continue
            key = key_of(name)
            if all(leaf.op != "local" or key_of(leaf) != key for leaf in leaves(meant)):
                found.setdefault(key, []).append(meant)
    return {key: tuple(trees) for key, trees in found.items()}


def _behind(members: list[Tree | None]) -> list[Tree | None]:
    """For each member the next that is no name of the working; None where that was not read."""
    found: list[Tree | None] = []
    meant: Tree | None = None
    for tree in reversed(members):
        found.append(meant)
        meant = meant if tree is not None and tree.op == "local" else tree
    return found[::-1]


def settlings(known: Working, trees: list[Tree]) -> Iterator[tuple[dict[tuple[Id, ...], Id], dict[str, Any]]]:
    """The ways to settle names without an index and the working's own names, likeliest first."""
    open_names = list(dict.fromkeys(leaf.ids for tree in trees for leaf in leaves(tree) if leaf.op == "ids"))
    own_names: dict[str, tuple[Id, ...]] = {}
    for tree in trees:
        for leaf in _own_names(known, tree):
            own_names.setdefault(key_of(leaf), leaf.ids)
    meanings = [_meanings(known, key, ids) for key, ids in own_names.items()]
    unmarked = [place for place, ids in enumerate(open_names) if _is_unmarked(ids)]
    marked = {_sample(leaf.ids[0]) for tree in trees for leaf in leaves(tree) if leaf.op == "id"} - {None}
    said = marked if len(marked) == 1 else set()
    readings = (
        chosen
        for chosen in chain(_alike(open_names, meanings), islice(product(*open_names, *meanings), MOST_TRIED))
        if len(said | {_sample(chosen[place]) for place in unmarked}) < 2  # a chain is about one sample
    )
    for chosen in islice(readings, MOST_READINGS + 1):
        ids, local = chosen[: len(open_names)], chosen[len(open_names) :]
        yield (
            dict(zip(open_names, ids, strict=True)),
            {
                key: _free(n) if meant is None else meant
                for n, (key, meant) in enumerate(zip(own_names, local, strict=True))
            },
        )


def _alike(open_names: list[tuple[Id, ...]], meanings: list[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
    """The ways in which names that are open in the same manner mean the same: all of sample 2, all whole layers."""
    groups = dict.fromkeys(map(_manner, open_names))
    if len(groups) == len(open_names):
        return
    for places in islice(product(*(range(len(group)) for group in groups)), MOST_ALIKE):
        place_of = dict(zip(groups, places, strict=True))
        ids = [each[place_of[_manner(each)]] for each in open_names]
        yield from ((*ids, *local) for local in islice(product(*meanings), MOST_ALIKE))


def _manner(ids: tuple[Id, ...]) -> tuple[tuple[Any, ...], ...]:
    """Of each meaning of a name: its sample, its round, and how many indices it has."""
    return tuple((type(each), core(each).sample, core(each).round, len(core(each).index)) for each in ids)


def _sample(quantity: Id) -> int | None:
    return core(quantity).sample or core(getattr(quantity, "of", quantity)).sample


def _is_unmarked(ids: tuple[Id, ...]) -> bool:
    """Whether a name means one quantity, of any sample."""
    return len({_sample(each) for each in ids}) == len(ids) > 1 == len({at(each, 1) for each in ids})


def _meanings(known: Working, key: str, ids: tuple[Id, ...]) -> tuple[Any, ...]:
    """What one of the working's own names can stand for: what it is set to, a quantity, or (None) anything."""
    found = (*known.locals.get(key, ()), *(Tree("id", (), "", 1, (each,)) for each in ids))
    if key in COUNTS and not found:
        return (*map(_counted, _counts(known.model)), None)
    return found if key in known.locals else (*found, None)


def _counts(model: Model) -> tuple[int, ...]:
    """What m and n can be: the number of samples, of outputs, of inputs."""
    units = model.names.units
    return tuple(dict.fromkeys(n for n in (len(model.samples), units[-1], units[0]) if n))


def _counted(count: int) -> Tree:
    return Tree("number", (), str(count))


def _own_names(known: Working, tree: Tree, depth: int = 0) -> Iterator[Tree]:
    for leaf in leaves(tree):
        if leaf.op == "local":
            yield leaf
            for meant in known.locals.get(key_of(leaf), ()) if depth < 3 else ():
                yield from _own_names(known, meant, depth + 1)


def _free(n: int) -> Any:
    """A value for a name that stands for nothing in particular."""
    return number(f"0.{37 + 13 * n}")


def is_settled(known: Working, head: Tree | None, trees: list[Tree]) -> bool:
    """Whether a slip may be said although names are open: by its shape only one meaning fits."""
    known_names = known.model.also
    open_names = [
        leaf
        for tree in trees
        for leaf in leaves(tree)
        if leaf.op == "ids" and set(leaf.ids[1:]) - set(known_names(leaf.ids[0])) and not _is_unmarked(leaf.ids)
    ]
    if not open_names and any(leaf.op == "ids" for tree in trees for leaf in leaves(tree)):
        return True
    if not open_names:
        return all(_is_clear(known, leaf) for tree in trees for leaf in leaves(tree))
    shapes = {shape_of(figure_span(tree).low) for tree in trees if is_figure(tree)}
    world = known.model.truth
    if open_names != [head] or len(shapes) != 1 or world is None:
        return False
    return sum(shape_of(world.get(each)) in shapes for each in open_names[0].ids) == 1 and () not in shapes


def _is_clear(known: Working, leaf: Tree) -> bool:
    """Whether a name of the working is set to something, or is the bare argument of a function."""
    return leaf.op != "local" or len(key_of(leaf)) == 1 or key_of(leaf) in known.locals


def subjects(
    known: Working, n: int, head: Tree | None, chosen: Mapping[tuple[Id, ...], Id], trees: list[Tree]
) -> Iterator[Id | None]:
    """What a chain can be about: a parameter that is worked out may also be its new value, and behind the
    first derivative anything may be what it is in a later round."""
    model = known.model
    if head is None or head.op not in ("id", "ids"):
        yield None
        return
    quantity = chosen.get(head.ids, head.ids[0])
    shapes = {shape_of(figure_span(tree).low) for tree in trees if is_figure(tree)} - {()}
    value = model.truth.get(quantity) if model.truth else None
    turned = {shape[::-1] for shape in shapes}
    if value is None or not shapes or shape_of(value) in shapes | turned or not shape_of(value):
        yield quantity
        numbers = [tree for tree in trees if not has_names(tree)]
        worked = numbers and (n >= known.turned or not all(map(is_figure, numbers)))
        if isinstance(quantity, Quantity) and quantity.kind in ("w", "b") and worked:
            yield New(quantity)
        figures = [_rounded_early(figure_span(tree)) for tree in trees if is_figure(tree)]
        for each in later(model, quantity) if n >= known.turned and figures else ():
            value = model.truth.get(each) if model.truth else None
            if value is not None and any(all_meet(figure, exact(value)) for figure in figures):
                yield each
    else:
        yield None


def _rounded_early(span: Span) -> Span:
    """The values that a figure may be found for with figures rounded before it."""
    width = span.high - span.low
    return Span(span.low - 3 * width, span.high + 3 * width)


def later(model: Model, quantity: Id) -> Iterator[Id]:
    """The same in a later round, which goes by the same name: a second forward pass."""
    parameter = isinstance(quantity, Quantity) and quantity.kind in ("w", "b")
    given = model.home(quantity) in model.derivation.graph.givens
    if model.truth is None or model.lecture.network is None or (given and not parameter):
        return
    for turn in range(1, min(model.lecture.training.rounds, MOST_TURNS) + 1):
        yield at(quantity, None, turn)
        if isinstance(quantity, Quantity) and parameter:
            yield at(New(quantity), None, turn)
