"""The head of the page: which run this is, and the handful of numbers that sum it up."""

import math

from trainer.report.markup import ABSENT, HARD, Html, code, element, joined, number, percent
from trainer.report.reading import Run

TRUTH = "4qaed_f1_artist"
FREE = "4qaed_f1_stratified"


def head(run: Run) -> Html:
    """Name, what it is, where it comes from and the tiles."""
    made = [element("p", *_made(run), class_="about")]
    if run.info is None:
        made.append(element("p", "not fitted to the end: run.json is missing.", class_="missing"))
    return joined(
        element("h1", run.name),
        element("p", _what(run)),
        element("p", _corpora(run), class_="about"),
        *made,
        element("div", *tiles(run), class_="tiles"),
        element(
            "p",
            "In brackets: the range that holds 95 % of resampled scores (bootstrap over artists and albums). Scores "
            "come from networks that had not heard the clips; the networks that ship have heard all of them.",
            class_="note",
        ),
    )


def _what(run: Run) -> str:
    plan = run.plan
    if plan is None:
        return "Networks that hear music and tell its emotion; recipe.json is missing, so no more is known of them."
    changes = ", ".join(plan.changes) or "none"
    return (
        f"{plan.members or ABSENT} networks that hear music and tell its emotion as valence and arousal: "
        f"{plan.model.kind or 'unknown'} form, {plan.model.units} {plan.model.cell.upper()} units, "
        f"{plan.epochs} epochs; changes of the sound while training: {changes}."
    )


def _corpora(run: Run) -> str:
    if run.info is not None and run.info.corpora:
        each = [f"{used.name} ({used.clips:,} clips, {used.seconds / 3600:.1f} h)" for used in run.info.corpora]
        return f"Fitted on {', '.join(each)}."
    if "artist" in run.records:
        names = [str(name).split("/", 1)[0] for name in run.records["artist"].names]
        each = [f"{name} ({names.count(name):,} clips)" for name in dict.fromkeys(names)]
        return f"Evaluated on {', '.join(each)}."
    return f"Corpora: {', '.join(run.plan.corpora) if run.plan else 'unknown'}."


def _made(run: Run) -> list[str]:
    parts: list[str] = []
    seed = run.plan.seed if run.plan else None
    if run.info is not None:
        parts += [f"{run.info.date or 'undated'}, commit {run.info.commit or 'unknown'}, "]
    parts.append(f"seed {ABSENT if seed is None else seed}")
    if run.info is not None and run.info.command:
        parts += [", ", *code(run.info.command)]
    return parts


def tiles(run: Run) -> list[Html]:
    """The key numbers; those that were not evaluated say how to get them."""
    f1, r2 = "4QAED, macro-F1", "Soundtracks, R²"
    return [
        _tile(run, f"{f1}, artists apart", percent(run.score(TRUTH)), _range(run, TRUTH), "artist"),
        _tile(
            run,
            f"{f1}, stratified",
            percent(run.score("4qaed_f1_stratified")),
            _range(run, "4qaed_f1_stratified"),
            "stratified",
        ),
        _tile(run, f"{f1}, last check", percent(run.score("4qaed_f1_check")), _range(run, "4qaed_f1_check"), "check"),
        *(
            _tile(run, f"{r2} {axis}", number(run.score(f"soundtracks_r2_{axis}"), 2), _range(run, name, 2), "artist")
            for axis, name in ((axis, f"soundtracks_r2_{axis}") for axis in ("energy", "valence"))
        ),
        _worst(run),
    ]


def worst_change(run: Run) -> tuple[float, str, str] | None:
    """(size, axis, condition) of the largest robustness change, None where none was measured."""
    found = [
        (value, *name.removeprefix("change_").split("_", 1))
        for name, value in run.sheet.scores.items()
        if name.startswith(("change_valence_", "change_arousal_"))
        and not name.endswith("_check")
        and math.isfinite(value)
    ]
    return max(found, default=None)  # type: ignore[return-value]  # split's parts are two


def _worst(run: Run) -> Html:
    label = "Largest change in rooms, noise and so on"
    worst = worst_change(run)
    if worst is None:
        return _tile(run, label, ABSENT, "", "artist")
    return _tile(run, label, number(worst[0], 2), f"{worst[1]}, “{worst[2]}”; both axes are 2 long", "artist")


def _tile(run: Run, label: str, value: str, below: str, protocol: str) -> Html:
    if value == ABSENT:
        lack = element("span", "not evaluated: ", *code(run.evaluate(protocol)))
        return element("div", element("span", label), element("b", value), lack, class_="tile")
    return element("div", element("span", label), element("b", value), element("span", below), class_="tile")


def _range(run: Run, name: str, decimals: int | None = None) -> str:
    ends = run.sheet.intervals.get(name)
    return "no interval" if ends is None else spelled(ends, decimals)


def spelled(ends: tuple[float, float], decimals: int | None = None) -> str:
    """An interval in brackets, as per cent unless decimals are wanted."""
    words = [percent(end).removesuffix(f"{HARD}%") if decimals is None else number(end, decimals) for end in ends]
    return f"[{words[0]}{HARD}to{HARD}{words[1]}]"
