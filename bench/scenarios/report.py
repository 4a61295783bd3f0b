"""Medians, ratios, and the tables made of them."""

import statistics

BEGIN, END = "<!-- figures: begin (made by bench/run --markdown) -->", "<!-- figures: end -->"


class Outcome:
    """All turns of one row, of both sides."""

    def __init__(self, row):
        self.row = row
        self.turns = {"ours": [], "reference": []}
        self.failure = {}

    def median(self, side, what="value"):
        figures = [getattr(turn, what) for turn in self.turns[side] if getattr(turn, what) is not None]
        return statistics.median(figures) if figures and side not in self.failure else None

    def ratio(self):
        ours, reference = self.median("ours"), self.median("reference")
        if not ours or not reference or not self.row.compares:
            return None
        return ours / reference if self.row.more_is_better else reference / ours

    def cpu_ratio(self):
        ours, reference = self.median("ours", "cpu"), self.median("reference", "cpu")
        return reference / ours if ours and reference else None


def figure(value):
    if value is None:
        return "–"
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def times(value, reach=None):
    if value is None:
        return "–"
    return f"{value:.2f}" + (f" (reach {reach})" if reach else "")


def line(outcome):
    """One row for a person who waits."""
    row = outcome.row
    text = f"{row.name:42} {figure(outcome.median('reference')):>9} {figure(outcome.median('ours')):>9} {row.unit:5} {times(outcome.ratio(), row.reach):18}"
    if outcome.median("ours", "cpu") is not None or outcome.median("reference", "cpu") is not None:
        text += f" cpu {figure(outcome.median('reference', 'cpu')):>8} {figure(outcome.median('ours', 'cpu')):>8} {row.cpu_unit:6} {times(outcome.cpu_ratio(), row.cpu_reach)}"
    return text + "".join(f"\n    {side} failed: {why}" for side, why in outcome.failure.items())


def markdown(outcomes, conditions):
    lines = [conditions, "", "| workload | unit | reference | Tidemark | ratio | reach | CPU, reference | CPU, Tidemark | ratio | reach |",
             "|---|---|---:|---:|---:|---:|---:|---:|---:|---:|"]
    for outcome in outcomes:
        row = outcome.row
        cpu = [figure(outcome.median(side, "cpu")) + (f" {row.cpu_unit}" if outcome.median(side, "cpu") is not None else "") for side in ("reference", "ours")]
        ours = "failed" if "ours" in outcome.failure else figure(outcome.median("ours"))
        lines.append(f"| {row.about} | {row.unit} | {figure(outcome.median('reference'))} | {ours} | {times(outcome.ratio())} | {row.reach or '–'} "
                     f"| {cpu[0]} | {cpu[1]} | {times(outcome.cpu_ratio())} | {row.cpu_reach or '–'} |")
    return "\n".join(lines) + "\n"


def insert(path, table, order):
    """
    Puts the table between the marks of a document. A row of the table there that was not measured this time stays as it is; order
    has what all rows are about, in their order.
    """
    with open(path) as file:
        text = file.read()
    if BEGIN not in text or END not in text:
        raise SystemExit(f"{path} has no place for the figures: {BEGIN} ... {END}")
    head, tail = text.split(BEGIN)[0], text.split(END)[1]
    kept = by_about(text.split(BEGIN)[1].split(END)[0])
    fresh = by_about(table)
    rows = [fresh.get(about) or kept[about] for about in order if about in fresh or about in kept]
    top = table.split("\n")[:4]
    with open(path, "w") as file:
        file.write(f"{head}{BEGIN}\n" + "\n".join(top + rows) + f"\n{END}{tail}")


def by_about(table):
    lines = [line for line in table.split("\n") if line.startswith("| ") and not line.startswith("| workload")]
    return {line.split(" | ")[0][2:]: line for line in lines}


def as_json(outcomes):
    return [
        {"name": outcome.row.name, "about": outcome.row.about, "unit": outcome.row.unit, "reach": outcome.row.reach, "ratio": outcome.ratio(),
         "cpu_ratio": outcome.cpu_ratio(), "failure": outcome.failure,
         "turns": {side: [{"value": turn.value, "cpu": turn.cpu} for turn in turns] for side, turns in outcome.turns.items()}}
        for outcome in outcomes
    ]
