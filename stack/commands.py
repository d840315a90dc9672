"""`footfall`: the operator's commands."""

import json
import os
import signal
import sys
import time
from dataclasses import asdict
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from contracts.completeness import IncompleteContract, check_contracts
from contracts.keys import KeyKind
from contracts.settings import Settings, SettingsError
from stack import secret_files, supervision
from stack.accounts import change_shop, create_shop, create_user, set_operator, write_keys
from stack.alerts_commands import alerts_group
from stack.archive_commands import archive_group
from stack.backup_commands import backup_group
from stack.database import open_database
from stack.demo.command import demo_command
from stack.imports.command import import_command
from stack.ledger_commands import ledger_group
from stack.local import local_settings, recorded_settings
from stack.logs import follow, last_lines
from stack.parts import airflow
from stack.people_commands import people_group
from stack.preparing import prepare
from stack.problems import StackProblem
from stack.programs import all_programs
from stack.restore_command import restore_command
from stack.retention_command import FOR_EVER, keep_messages
from stack.shop_keys_commands import keys_group
from stack.starting import start_program, start_stack
from stack.status import stack_status
from stack.stopping import stop_stack


class _Group(click.Group):
    """Commands in the order in which they are needed; a problem is one message and exit status 1."""

    def list_commands(self, context: click.Context) -> list[str]:
        return list(self.commands)

    def invoke(self, context: click.Context) -> object:
        signal.signal(signal.SIGTERM, _end)
        try:
            return super().invoke(context)
        except (StackProblem, SettingsError, IncompleteContract) as problem:
            raise click.ClickException(str(problem)) from None


def _end(number: int, frame: object) -> None:
    """A command that is asked to end does so like one that failed: what it started is stopped."""
    raise SystemExit(128 + number)


@click.group(cls=_Group)
def main() -> None:
    """Footfall on this machine: a broker, two databases, Airflow, Spark, collectors and report apps.

    Settings are environment variables that begin with FOOTFALL_ (docs/operations.md). All that a stack writes is in
    FOOTFALL_DATA.
    """
    check_contracts()


@main.command()
def setup() -> None:
    """Fetch and build what is made once; quick when it is done.

    Example: footfall setup
    """
    prepare(local_settings(os.environ), _say)


@main.command()
def up() -> None:
    """Start everything and wait until every part is well.

    Example: FOOTFALL_AIRFLOW_PORT=8090 footfall up
    """
    began = time.monotonic()
    settings = local_settings(os.environ)
    prepare(settings, _say)
    start_stack(settings, _say_part)
    _say(f"Ready after {time.monotonic() - began:.0f} s.\n")
    click.echo("\n".join(places(settings)))


def places(settings: Settings) -> list[str]:
    """Where to go once the stack runs."""
    password = secret_files.path(settings.data, "airflow_password")
    return [
        f"Reports    {settings.public_app_url}",
        f"Collector  {settings.public_collector_url}",
        f"Airflow    {airflow.url(settings)}  (user {airflow.USER}, password in {password})",
        f"Files      {settings.data}",
    ]


@main.command()
def down() -> None:
    """Stop everything; what was written stays.

    Example: footfall down
    """
    settings = recorded_settings(os.environ)
    _say(f"Stopping the stack of {settings.data}")
    _say("Stopped." if stop_stack(settings) else "Nothing ran.")


@main.command()
@click.option("--json", "as_json", is_flag=True, help="For programs: one JSON list.")
def status(as_json: bool) -> None:
    """Show each part and whether it is well; exit status 1 where one is not.

    Example: footfall status --json
    """
    found = stack_status(recorded_settings(os.environ))
    if as_json:
        click.echo(json.dumps([asdict(part) for part in found], indent=1))
    else:
        table = Table("part", "process", "well", "pid", "since", "address", box=None)
        for part in found:
            since = f"{part.seconds // 60} min {part.seconds % 60} s" if part.seconds else ""
            table.add_row(
                part.name, part.process, "yes" if part.is_well else "no", str(part.pid or ""), since, part.address
            )
        Console(width=None if sys.stdout.isatty() else 140).print(table)
    if not all(part.is_well for part in found):
        raise SystemExit(1)


@main.command()
@click.argument("part", required=False)
@click.option("-f", "--follow", "is_followed", is_flag=True, help="Go on as they grow, until Ctrl-C.")
@click.option("-n", "--lines", default=20, show_default=True, help="So many of each log's last lines.")
def logs(part: str | None, is_followed: bool, lines: int) -> None:
    """Show the parts' logs, or those of one PART.

    Example: footfall logs kafka -f
    """
    settings = recorded_settings(os.environ)
    names = [*(program.name for program in all_programs(settings)), "supervisord"]
    if part is not None and part not in names:
        raise StackProblem(f"There is no part {part!r}. There are: {', '.join(names)}.")
    chosen = [supervision.log_file(settings, name) for name in names if part in (None, name)]
    for log in chosen:
        for line in last_lines(log, lines):
            _log_line(log, line, is_alone=part is not None)
    if is_followed:
        for log, line in follow(chosen):
            _log_line(log, line, is_alone=part is not None)


def _log_line(log: Path, line: str, *, is_alone: bool) -> None:
    click.echo(line if is_alone else f"{log.stem:<22} {line}")


@main.command()
@click.argument("part")
def restart(part: str) -> None:
    """Stop one PART and start it again.

    Example: footfall restart collector-1
    """
    settings = recorded_settings(os.environ)
    programs = {program.name: program for program in all_programs(settings)}
    if part not in programs:
        raise StackProblem(f"There is no part {part!r}. There are: {', '.join(programs)}.")
    if supervision.states(settings)[part].state in ("RUNNING", "STARTING", "BACKOFF"):
        supervision.stop(settings, programs[part].process)
    start_program(settings, programs[part])
    _say(f"{part} is well.")


main.add_command(demo_command)
main.add_command(import_command)
main.add_command(ledger_group)
main.add_command(keys_group)
main.add_command(backup_group)
main.add_command(restore_command)
main.add_command(alerts_group)
main.add_command(archive_group)
main.add_command(people_group)


@main.group()
def shop() -> None:
    """Create and change shops."""


@shop.command("create")
@click.argument("shop_id")
@click.option("--name", required=True, help="As its users read it.")
@click.option("--zone", required=True, help="Its time zone, such as Europe/Berlin.")
@click.option("--currency", required=True, help="In which its reports are, such as EUR.")
@click.option("--host", "hosts", multiple=True, help="A host of the shop's pages; may be given several times.")
def shop_create(shop_id: str, name: str, zone: str, currency: str, hosts: tuple[str, ...]) -> None:
    """Create a shop and print its write keys.

    Example: footfall shop create lamps --name "Lamps & Co" --zone Europe/Berlin --currency EUR --host lamps.example
    """
    settings = recorded_settings(os.environ)
    create_shop(open_database(settings), shop_id, name, zone, currency, hosts)
    keys = write_keys(shop_id, settings)
    click.echo(f"Shop        {shop_id}")
    click.echo(f"Page key    {keys[KeyKind.PAGE]}")
    click.echo(f"Server key  {keys[KeyKind.SERVER]}  (keep it secret)")


@shop.command("change")
@click.argument("shop_id")
@click.option("--zone", help="The time zone that its reports are to have, such as Europe/Berlin.")
@click.option("--currency", help="In which its reports are to be, such as EUR.")
@click.option("--keep-days", help=f"For how many days its messages are kept, or {FOR_EVER}.")
@click.option("--yes", "is_confirmed", is_flag=True, help="Also where messages are deleted for good.")
def shop_change(
    shop_id: str, zone: str | None, currency: str | None, keep_days: str | None, is_confirmed: bool
) -> None:
    """Have a shop's reports built in another time zone or currency; its pages change when all of them are ready.

    Or say for how long its messages are kept: what is older is deleted for good each night. Without --yes that is only said.

    Example: footfall shop change lamps --zone Europe/London --currency GBP
    """
    if (keep_days is None) == (zone is None and currency is None):
        raise click.UsageError("Give --keep-days alone, or --zone and --currency, or one of the two.")
    database = open_database(recorded_settings(os.environ))
    if keep_days is not None:
        keep_messages(database, shop_id, keep_days, is_confirmed)
        return
    ordered = change_shop(database, shop_id, zone, currency)
    click.echo(f"Ordered for {shop_id}: {ordered}. The shop's page of settings says how far it is.")


@main.group()
def user() -> None:
    """Create users of the reports."""


@user.command("create")
@click.argument("email")
@click.option(
    "--shop", "shops", multiple=True, required=True, help="A shop that the user sees; may be given several times."
)
@click.option("--locale", default="en-GB", show_default=True, help="How dates and numbers are written.")
def user_create(email: str, shops: tuple[str, ...], locale: str) -> None:
    """Create a user who sees the shops, and print the password.

    Example: footfall user create anna@lamps.example --shop lamps --locale de-DE
    """
    settings = recorded_settings(os.environ)
    password = create_user(open_database(settings), email, shops, locale)
    click.echo(f"Sign in     {settings.public_app_url}/sign-in")
    click.echo(f"E-mail      {email}")
    click.echo(f"Password    {password}")


@user.command("operator")
@click.argument("email")
@click.option("--off", "is_off", is_flag=True, help="Take it back.")
@click.option("--by", "who", required=True, help="Who asks for it; it stays in the audit.")
def user_operator(email: str, is_off: bool, who: str) -> None:
    """Let a user see the state of the whole platform, /status, which names shops; or no longer.

    Example: footfall user operator otto@example.com --by anna@example.com
    """
    settings = recorded_settings(os.environ)
    set_operator(open_database(settings), email, who, is_operator=not is_off)
    click.echo(f"{email} {'no longer sees' if is_off else 'sees'} {settings.public_app_url}/status")


def _say(line: str) -> None:
    click.echo(line, err=True)


def _say_part(name: str, seconds: float) -> None:
    _say(f"  {name:<24} {seconds:5.1f} s")
