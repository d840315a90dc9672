"""What the stack takes when nothing happens."""

import time
from collections.abc import Mapping

import psutil

from bench.processes import cpu_seconds, pss_bytes, with_children
from bench.tables import Figures

MEGABYTE = 1024 * 1024


def idle_table(parts: Mapping[str, list[psutil.Process]], seconds: float) -> Figures:
    """CPU over `seconds` and memory at their end, for every named part with its children."""
    trees = {name: with_children(processes) for name, processes in parts.items()}
    before = {name: sum(map(cpu_seconds, tree)) for name, tree in trees.items()}
    start = time.monotonic()
    time.sleep(seconds)
    passed = time.monotonic() - start
    table = Figures(
        "Idle",
        ("part", "processes", "CPU of one core", "memory (PSS)"),
        f"Nothing is sent for {seconds:.0f} s; PSS counts what processes share once.",
    )
    total_cpu = total_memory = 0.0
    for name, tree in trees.items():
        used = sum(map(cpu_seconds, tree)) - before[name]
        memory = sum(map(pss_bytes, tree))
        total_cpu, total_memory = total_cpu + used, total_memory + memory
        table.rows.append(_row(name, len(tree), used / passed, memory))
    table.rows.append(_row("all", sum(map(len, trees.values())), total_cpu / passed, total_memory))
    return table


def _row(name: str, count: int, share: float, memory: float) -> list[str]:
    return [name, str(count), f"{share:.1%}", f"{memory / MEGABYTE:,.0f} MB"]
