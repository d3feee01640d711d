"""How the page looks, by day and by night: one list of colors for the text and for the pictures."""

PALETTE = {
    # name: (by day, by night). Pictures are drawn in the colors of the day; each must stand here only once.
    "paper": ("#f6f4ef", "#14161a"),
    "card": ("#fffefb", "#1d2026"),
    "ink": ("#20242a", "#e8e6e1"),
    "soft": ("#59616b", "#a6adb6"),
    "line": ("#d9d6cf", "#373c45"),
    # After Okabe and Ito's set, which people with any color vision tell apart; lighter by night.
    "joy": ("#d98e04", "#f2b43c"),
    "anger": ("#c8420a", "#ff7d4d"),
    "sadness": ("#0b6aa8", "#62b5ee"),
    "calm": ("#0a8a66", "#3ccfa2"),
    "other": ("#9aa0a6", "#6b727c"),
    "told": ("#7a3e9d", "#cf9ff0"),
    "human": ("#8a8f96", "#8f97a1"),
}


def day(name: str) -> str:
    """The color to draw with; the page puts the night's in its place."""
    return PALETTE[name][0]


def css() -> str:
    """The page's style sheet."""
    both = ["".join(f"--{name}:{pair[i]};" for name, pair in PALETTE.items()) for i in (0, 1)]
    return (
        f":root{{color-scheme:light dark;{both[0]}}}\n@media (prefers-color-scheme:dark){{:root{{{both[1]}}}}}\n{RULES}"
    )


RULES = """\
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,sans-serif;overflow-wrap:anywhere}
main{max-width:1080px;margin:0 auto;padding:1rem}
h1{font-size:1.9rem;line-height:1.2;margin:.6rem 0}
h2{font-size:1.3rem;margin:0 0 .3rem}
h3{font-size:1rem;margin:0 0 .4rem}
p{margin:.4rem 0}
a{color:inherit}
code{font-family:ui-monospace,monospace;font-size:.86em}
nav{display:flex;flex-wrap:wrap;gap:.2rem 1rem;font-size:.9rem;margin:.8rem 0}
section{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:1rem;margin:1rem 0}
.caption,figcaption,.about,.note{color:var(--soft);max-width:75ch}
figcaption,.about,.note{font-size:.9rem}
.missing{color:var(--soft);border-left:3px solid var(--line);padding-left:.7rem;margin:.7rem 0}
.grid{display:grid;gap:1.4rem;grid-template-columns:repeat(auto-fit,minmax(min(100%,300px),1fr));margin-top:1rem}
.tiles{display:grid;gap:.7rem;grid-template-columns:repeat(auto-fit,minmax(min(100%,160px),1fr));margin:1rem 0}
.tile{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:.7rem .9rem}
.tile b{display:block;font-size:1.7rem;line-height:1.25;font-variant-numeric:tabular-nums}
.tile span{display:block;font-size:.85rem;color:var(--soft)}
figure{margin:0;min-width:0;max-width:540px}
svg{display:block;width:100%;height:auto;overflow:visible}
svg *{stroke-linejoin:round;stroke-linecap:butt}
.scroll{overflow-x:auto;margin:.8rem 0}
table{border-collapse:collapse;font-size:.92rem;font-variant-numeric:tabular-nums;overflow-wrap:normal}
th,td{text-align:left;padding:.35rem .7rem .35rem 0;border-bottom:1px solid var(--line);vertical-align:top}
thead th{color:var(--soft);font-weight:600}
tbody th{font-weight:500}
td:not(.cell){min-width:4.2em}
.ours th,.ours td{font-weight:700}
.wide td:last-child{min-width:18em}
.wide th:first-child{min-width:8em}
.wide td:nth-child(4){min-width:11em}
.confusion th,.confusion td{padding:.45rem .6rem;text-align:center;border:0}
.confusion td{border:2px solid var(--card);border-radius:4px;min-width:4.4em}
.confusion td span{display:block;font-size:.8rem}
.confusion tbody th{text-align:right}
summary{cursor:pointer;font-weight:600;padding:.3rem 0}
dt{font-weight:600;margin-top:.4rem}
dd{margin:0;color:var(--soft)}
@media (max-width:480px){td:not(.cell){min-width:3.4em}th,td{padding-right:.5rem}
.confusion th,.confusion td{padding:.4rem .15rem;min-width:3.3em}
main{padding:.5rem}section{padding:.8rem .7rem}h1{font-size:1.5rem}}
"""
