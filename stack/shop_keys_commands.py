"""`footfall keys`: new write keys for a shop, and the end of its old ones."""

import os
from datetime import UTC, datetime

import click

from contracts.keys import KeyKind
from stack.accounts import write_keys
from stack.database import open_database
from stack.local import recorded_settings
from stack.shop_keys import list_hosts, renew_keys, revoke_old_keys


@click.group("keys")
def keys_group() -> None:
    """Renew a shop's write keys; revoke old ones."""


@keys_group.command("renew")
@click.argument("shop_id")
@click.option("--by", "who", required=True, help="Who asks for it; it stays in the audit.")
def keys_renew(shop_id: str, who: str) -> None:
    """Print new write keys of a shop; the old ones are taken until they are revoked.

    Example: footfall keys renew lamps --by anna@lamps.example
    """
    settings = recorded_settings(os.environ)
    generation = renew_keys(open_database(settings), shop_id, who, datetime.now(UTC))
    keys = write_keys(shop_id, settings, generation)
    click.echo(f"Page key    {keys[KeyKind.PAGE]}")
    click.echo(f"Server key  {keys[KeyKind.SERVER]}  (keep it secret)")
    click.echo(f"When they are in place: footfall keys revoke {shop_id} --by {who}")


@keys_group.command("revoke")
@click.argument("shop_id")
@click.option("--by", "who", required=True, help="Who asks for it; it stays in the audit.")
def keys_revoke(shop_id: str, who: str) -> None:
    """Refuse all keys of a shop but its newest: collectors answer 401 within a second.

    Example: footfall keys revoke lamps --by anna@lamps.example
    """
    settings = recorded_settings(os.environ)
    oldest = revoke_old_keys(open_database(settings), settings, shop_id, who, datetime.now(UTC))
    click.echo(f"Keys of {shop_id} before generation {oldest} are refused.")


@keys_group.command("hosts")
@click.argument("shop_id")
@click.argument("hosts", nargs=-1)
@click.option("--by", "who", required=True, help="Who asks for it; it stays in the audit.")
def keys_hosts(shop_id: str, hosts: tuple[str, ...], who: str) -> None:
    """Refuse pages on all hosts but these and those below them; without any, take them from everywhere.

    Example: footfall keys hosts lamps lamps.example pay.example --by anna@lamps.example
    """
    settings = recorded_settings(os.environ)
    list_hosts(open_database(settings), settings, shop_id, hosts, who, datetime.now(UTC))
    click.echo(f"Pages of {shop_id} may be on {', '.join(hosts) or 'any host'}.")
