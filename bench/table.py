"""Prints the figures as Markdown: run as a script, those of the last benchmark again."""

import json
import sys
from pathlib import Path

# name -> (what it is, what is counted)
STEPS = {
    "ours.floor": ("Floor: one SELECT of the decision columns", "items"),
    "ours.sync": ("Items and customers for a new ledger", "items"),
    "ours.decide": ("Decide, in batches of 50 customers", "items"),
    "ours.decide by 1000": ("Decide, in batches of 1,000 customers", "items"),
    "ours.claims": ("Interest on every item: read and worked out", "items"),
    "ours.night": ("First night: decide, drafts, commits", "customers"),
    "ours.night again": ("Same day again: every draft looked at", "customers"),
    "ours.send": ("Send approved notices: look again, queue mails", "notices"),
    "ours.notices": ("Notice with lines and queued mail, warm", "customers"),
    "ours.letters": ("Letter (PDF)", "letters"),
    "ours.night looking at all": ("Night that must look at every item", "items"),
    "ours.night with nothing to do": ("Night with nothing to do", None),
    "peer.decide": ("Peer: decide (its run)", "items"),
    "peer.communications 100": ("Peer: communications of 100 customers", "communications"),
    "peer.communications 400": ("Peer: communications of 400 customers", "communications"),
    "peer.mails": ("Peer: mail without PDF", "mails"),
    "peer.letters": ("Peer: letter (PDF)", "letters"),
}
MAILS = "mails"
RATIOS = (
    ("Decide / floor", "ours.decide", "ours.floor", "items"),
    ("Decide by 1,000 / floor", "ours.decide by 1000", "ours.floor", "items"),
    ("Peer's decide / floor", "peer.decide", "ours.floor", "items"),
    ("Peer's decide / first night", "peer.decide", "ours.night", None),
)


def render(figures):
    """All tables, as one text. CPU is that of the process and of the database server's processes for it."""
    mails = [render_mails(figures[MAILS])] if MAILS in figures else []
    sizes = [(int(size), steps) for size, steps in figures.items() if size != MAILS]
    return "\n".join([*mails, *(line for size, steps in sizes for line in _of_size(size, steps))])


def render_mails(steps):
    """The table of mails handed over, and how much ours cost beside Odoo's."""
    lines = [
        "\n### Mails handed over\n",
        "| queue | whose | wall | CPU | SQL | each: CPU | each: SQL |",
        "|--:|---|--:|--:|--:|--:|--:|",
    ]
    counts = [int(name.split()[1]) for name in steps if name.startswith("mail.ours ")]
    for count in counts:
        for whose, title in (("ours", "ours"), ("odoos", "Odoo's own queue")):
            step = steps[f"mail.{whose} {count}"]
            cpu = step["cpu"] + step["server"]
            cells = [f"{count:,}", title, _seconds(step["wall"]), _seconds(cpu), f"{step['sql']:,}"]
            lines.append("| " + " | ".join([*cells, _seconds(cpu / count), f"{step['sql'] / count:.1f}"]) + " |")
    ratios = [
        f"at {count:,} mails {_mail_cpu(steps, 'ours', count) / _mail_cpu(steps, 'odoos', count):.2f}x"
        for count in counts
    ]
    return "\n".join([*lines, "\nCPU, ours to Odoo's own queue: " + "; ".join(ratios) + "."])


def _mail_cpu(steps, whose, count):
    step = steps[f"mail.{whose} {count}"]
    return step["cpu"] + step["server"]


def _of_size(size, steps):
    yield f"\n### {size:,} overdue invoices of {size // 5:,} customers\n"
    yield "| step | wall | CPU | SQL | peak memory | each: wall | each: CPU | each: SQL |"
    yield "|---|--:|--:|--:|--:|--:|--:|--:|"
    for name, (title, unit) in STEPS.items():
        if name in steps:
            yield _row(title, unit, steps[name])
    ratios = [
        f"{title} {_cost(steps[one], 'wall', unit) / _cost(steps[other], 'wall', unit):,.1f}x"
        f" (CPU {_cost(steps[one], 'cpu', unit) / _cost(steps[other], 'cpu', unit):,.1f}x)"
        for title, one, other, unit in RATIOS
    ]
    yield "\n" + "; ".join(ratios) + "."


def _row(title, unit, step):
    cpu = step["cpu"] + step["server"]
    cells = [title, _seconds(step["wall"]), _seconds(cpu), f"{step['sql']:,}", f"{step['memory']:.0f} MB"]
    count = step.get(unit) if unit else None
    if count:
        each = [_seconds(step["wall"] / count), _seconds(cpu / count), f"{step['sql'] / count:.2f}"]
        each[0] += f", {count:,} {unit}"
    else:
        each = ["", "", ""]
    return "| " + " | ".join(cells + each) + " |"


def _cost(step, figure, unit):
    total = step["wall"] if figure == "wall" else step["cpu"] + step["server"]
    return total / (step[unit] if unit else 1)


def _seconds(value):
    for limit, factor, unit in ((1, 1, "s"), (1e-3, 1e3, "ms"), (0, 1e6, "µs")):
        if value >= limit:
            return f"{value * factor:.3g} {unit}" if value * factor < 100 else f"{value * factor:.0f} {unit}"
    return "0"


if __name__ == "__main__":
    source = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parents[1] / "out" / "bench.json"
    print(render(json.loads(source.read_text())))
