"""`footfall demo`: the whole platform with three shops in it, from nothing to what to open in a browser."""

import os
import shutil
import tempfile
from pathlib import Path

import click
from rich.console import Console

from contracts.settings import Settings
from stack import secret_files, supervision
from stack.database import open_database
from stack.demo.accounts import SignIn
from stack.demo.backlog import NotDone
from stack.demo.run import Demo, Plan
from stack.demo.shops import NAMES, read_shop
from stack.demo.traffic import Traffic
from stack.imports.sending import SendingStopped
from stack.local import environment_on_free_ports, local_settings, recorded_settings
from stack.parts import airflow, front
from stack.preparing import prepare
from stack.problems import StackProblem
from stack.starting import start_program, start_stack
from stack.stopping import stop_stack

VISITS, DAYS = 6_000, 57
VISITS_ONCE, DAYS_ONCE = 1_200, 10
QUICK_DAYS = {"FOOTFALL_DAY_PACE_FACTOR": "1"}
"""Eight weeks arrive at once: at the usual pace the round after them would begin ten minutes later."""
_MOST_DIFFERENCES = 20


@click.command("demo")
@click.option("--once", is_flag=True, help="A stack of its own: compare the reports with what was sent, and shut down.")
@click.option(
    "--visits", type=click.IntRange(1), default=None, help=f"Visits to all shops ({VISITS:,}; {VISITS_ONCE:,})."
)
@click.option(
    "--days", type=click.IntRange(1, 365), default=None, help=f"Days they are spread over ({DAYS}; {DAYS_ONCE})."
)
@click.option("--seed", default="footfall", show_default=True, help="The same seed makes the same visits.")
def demo_command(once: bool, visits: int | None, days: int | None, seed: str) -> None:
    """Start everything with three shops, their pages and their traffic.

    Example: footfall demo --visits 20000 --days 60
    """
    console = Console(stderr=True, highlight=False)
    try:
        if once:
            run_once(Plan(visits or VISITS_ONCE, days or DAYS_ONCE, seed), console)
        else:
            run_and_stay(Plan(visits or VISITS, days or DAYS, seed), console)
    except (NotDone, SendingStopped) as problem:
        raise StackProblem(str(problem)) from None


def run_and_stay(plan: Plan, console: Console) -> None:
    """The stack of the settings, started where it does not run; the shops get their history once."""
    settings = recorded_settings(os.environ)
    if supervision.running_supervisor(settings) is None:
        settings = local_settings(QUICK_DAYS | os.environ)
        _start(settings, console)
    _open_shop_pages(settings)
    demo = _demo(settings, console)
    if demo.has_history():
        console.print("The shops have their history already; nothing was sent.")
    else:
        _fill(demo, plan, console)
    click.echo("\n".join(_summary(settings, demo.sign_in())))


def run_once(plan: Plan, console: Console) -> None:
    """A stack beside others, gone afterwards; raises StackProblem where a report is not what was sent."""
    data = Path(tempfile.mkdtemp(prefix="footfall-demo-"))
    settings = local_settings(environment_on_free_ports(data) | QUICK_DAYS)
    try:
        _start(settings, console)
        _open_shop_pages(settings)
        demo = _demo(settings, console)
        traffics = _fill(demo, plan, console)
        differences = demo.compare(traffics)
        received = sum(traffic.tally.received for traffic in traffics)
    except BaseException:
        console.print(f"The logs are kept: {data}/logs")
        raise
    finally:
        console.print("Shutting down")
        stop_stack(settings)
    if differences:
        shown = "\n".join(differences[:_MOST_DIFFERENCES])
        raise StackProblem(f"{len(differences)} numbers are not what was sent (logs: {data}/logs):\n{shown}")
    shutil.rmtree(data)
    click.echo(f"The reports of {len(traffics)} shops equal what was sent: {received:,} messages.")


def _start(settings: Settings, console: Console) -> None:
    prepare(settings, console.print)
    console.print("Starting the stack")
    start_stack(settings, lambda name, seconds: console.print(f"  {name:<24} {seconds:5.1f} s"))


def _open_shop_pages(settings: Settings) -> None:
    if supervision.states(settings)[front.DEMO_SHOP].state != "RUNNING":
        start_program(settings, front.demo_shop(settings))


def _demo(settings: Settings, console: Console) -> Demo:
    return Demo(settings, open_database(settings), [read_shop(name) for name in NAMES], console)


def _fill(demo: Demo, plan: Plan, console: Console) -> list[Traffic]:
    console.print(f"Sending {plan.visits:,} visits of {plan.days} days to {len(demo.shops)} shops")
    traffics = demo.send(plan)
    console.print("Waiting for the reports")
    demo.wait()
    return traffics


def _summary(settings: Settings, sign_in: SignIn) -> list[str]:
    password = secret_files.read(settings.data, "airflow_password")
    return [
        "",
        "Footfall runs. Open:",
        f"  Reports     {settings.public_app_url}    {sign_in.email}    {sign_in.password}",
        f"  Shop pages  http://127.0.0.1:{settings.demo_shop_port}    what you do there is in the reports within seconds",
        f"  Airflow     {airflow.url(settings)}    {airflow.USER}    {password}",
        "",
        "`footfall status` shows its parts, `footfall down` stops it; what was written stays.",
    ]
