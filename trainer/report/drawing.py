"""Pictures as SVG that stands in the page itself and takes its colors and its typeface from there."""

import hashlib
import html
import io
import re
from collections.abc import Callable
from typing import Any

from trainer.report.markup import Html
from trainer.report.style import PALETTE, day

SIZE = (5.0, 3.7)
"""Inches, at 72 units each: as wide as a phone, so that text keeps its size there. Wider screens show several."""
TYPEFACE = "system-ui, sans-serif"
MARKERS = {"joy": "o", "anger": "^", "sadness": "s", "calm": "D"}
MOODS = tuple(MARKERS)
"""Of Q1 to Q4."""

QUIET = {
    "font.size": 12,
    "svg.fonttype": "none",
    "svg.hashsalt": "lampyris",
    "text.color": day("ink"),
    "axes.edgecolor": day("soft"),
    "axes.labelcolor": day("ink"),
    "axes.facecolor": "none",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": day("line"),
    "grid.linewidth": 0.7,
    "xtick.color": day("soft"),
    "ytick.color": day("soft"),
    "legend.frameon": False,
    "legend.fontsize": 11,
    "lines.linewidth": 1.6,
}


def picture(draw: Callable[[Any], None], label: str, size: tuple[float, float] = SIZE) -> Html:
    """What `draw` puts on an empty matplotlib Figure, as an <svg>. label: what is to be seen, for who can't."""
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    # The context hands every setting back; nothing of pyplot takes part.
    with rc_context(QUIET):
        figure = Figure(figsize=size, layout="constrained")
        draw(figure)
        stream = io.StringIO()
        nothing = dict.fromkeys(("Creator", "Date", "Format", "Type"))
        figure.savefig(stream, format="svg", transparent=True, metadata=nothing)
    return cleaned(stream.getvalue(), label)


def cleaned(text: str, label: str) -> Html:
    """matplotlib's SVG without what only a file of its own needs, its colors as the page's variables."""
    text = text[text.index("<svg") :]
    for rubbish in (r"<!--.*?-->", r"<metadata>.*?</metadata>", r"<style .*?</style>", r"<title>.*?</title>"):
        text = re.sub(rubbish, "", text, flags=re.DOTALL)
    head, body = text.split(">", 1)
    view = re.search(r'viewBox="[^"]*"', head)
    assert view is not None
    # Names must differ between all pictures of a page.
    own = "s" + hashlib.sha256(f"{label}{body}".encode()).hexdigest()[:8]
    body = re.sub(r' id="', f' id="{own}-', body)
    body = body.replace("url(#", f"url(#{own}-").replace('xlink:href="#', f'href="#{own}-')
    body = re.sub(r"(font: [^;\"]*?px) [^;\"]+", rf"\1 {TYPEFACE}", body)
    for name, (light, _) in PALETTE.items():
        body = body.replace(light, f"var(--{name})")
    body = re.sub(r"\n\s*", "\n", body).strip()
    return Html(f'<svg {view.group()} role="img" aria-label="{html.escape(label)}">{body}')


def legend(figure: Any, columns: int, axes: Any = None) -> None:
    """Names of what is drawn, above the picture where they can cover nothing."""
    handles, labels = (axes or figure.axes[0]).get_legend_handles_labels()
    figure.legend(
        handles,
        labels,
        loc="outside upper center",
        ncols=columns,
        markerscale=1.8,
        handletextpad=0.4,
        columnspacing=1.2,
    )
