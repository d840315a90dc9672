"""Documents that are printed from the code: `python -m stack.documents` writes them, a test fails when one is stale.

The words beside a setting stand here, everything else where it is used.
"""

import ast
import json
from collections.abc import Callable, Mapping
from dataclasses import fields
from pathlib import Path

from collector.openapi import openapi_document
from contracts.names import DagId
from contracts.promises import CHECKS, FEWEST_MESSAGES, JUMP, in_words
from contracts.settings import Settings
from repairs.rules import RULES, RULES_VERSION
from report_app.definitions import numbers_markdown
from stack.bad_input import bad_input_markdown

ROOT = Path(__file__).parents[1]

NOTES: Mapping[str, str] = {
    "home": "Folder that set-up fills and every stack of this checkout shares: jars, class archives, an empty Airflow database.",
    "data": "Folder of one running stack: databases, the broker's log, the archive, Airflow, logs, secrets.",
    "kafka_bootstrap": "The broker, `host:port`. The local stack starts one on this port.",
    "mongo_uri": "The database. The local stack starts one on this port.",
    "backup_mongo_uri": "The server of the backups, a replica set; keep it on another machine. The report app reads it while the main database is away. The local stack starts one on this port.",
    "database": "Name of the database.",
    "lake_catalog_type": "Iceberg catalog: `jdbc`, `rest` or `hadoop`.",
    "lake_catalog_uri": "Address of the catalog (`jdbc` and `rest`). The local stack keeps it in its data folder unless it is set.",
    "lake_warehouse": "Folder or object store of the archive's files. The local stack keeps it in its data folder unless it is set.",
    "topic_partitions": "Partitions of the events and errors topics. Raising it adds partitions at the next start; it cannot be lowered.",
    "topic_replication": "Replication of topics that start-up creates. From 3 on, two replicas must acknowledge.",
    "key_secrets": "Secrets that sign write keys, newest first: `id:hex,id:hex`, at least 16 bytes each. The local stack makes one.",
    "app_secret": "Signs sessions of the report app, at least 32 characters. The local stack makes one.",
    "erasure_secrets": "Secrets under which forgotten people are known, newest first: `id:hex,id:hex`, at least 16 bytes each. Never take one away, and keep a copy: without it nobody can be kept out. The local stack makes one.",
    "kafka_controller_port": "Local stack: port of the broker's controller.",
    "airflow_port": "Local stack: port of the Airflow UI and API.",
    "supervisor_port": "Local stack: port of the supervisor.",
    "demo_shop_port": "Local stack: port of the demo's shop pages.",
    "collector_host": "Address on which a collector listens.",
    "collector_port": "Port of a collector. Local stack: of the first; the second has the next one.",
    "collector_metrics_port": "Port on which a collector serves `/metrics` for Prometheus; 0 is none. Local stack: of the first; the second has the next one.",
    "tracker_file": "The built browser script that collectors serve as `/footfall.js`; its types lie beside it.",
    "tracker_path": "A second address of the browser script, under a name of your own: `/leaves.js`.",
    "delivery_timeout_seconds": "How long a message may wait for the broker's acknowledgement before the sender is told 503.",
    "slow_client_seconds": "How long a client may take for the head of a request, and as long for its body, before a collector cuts it off.",
    "key_messages_per_second": "How many messages a second one write key may send to one collector, with room for 20 seconds at once; 0 is without limit.",
    "address_requests_per_second": "How many requests a second one address of the open internet may send to one collector, with room for 20 seconds at once; 0 is without limit.",
    "app_host": "Local stack: address on which the report apps listen.",
    "app_port": "Local stack: port of the first report app; the second has the next one.",
    "public_collector_url": "Where shops reach the collectors. Local stack: NGINX listens on its port; without NGINX it is the first collector.",
    "public_app_url": "Where merchants reach the report app. Local stack: NGINX listens on its port; without NGINX it is the first app.",
    "secure_cookies": "Set to `true` where the report app is reached over HTTPS.",
    "live_host": "Local stack: address on which the streams of open pages listen.",
    "live_port": "Local stack: port of the first process that serves streams; the second has the next one.",
    "live_streams": "The most open streams of one process. A page that gets none asks for changes every 15 seconds instead.",
    "live_streams_per_user": "The most open streams of one user in one process.",
    "live_check_seconds": "How often the session behind every open stream is looked at, beside each message.",
    "webhook_timeout_seconds": "How long one post of a webhook may take in all: name, connection, TLS and answer.",
    "webhook_private_addresses": "Tests only: `true` lets webhooks reach private addresses. Leave it off: shops could reach your own network.",
    "webhook_actions_per_hour": "How many times an hour the webhooks of one shop may be changed, tested, or asked to send again.",
    "batch_max_messages": "The most messages of one batch.",
    "wake_after_seconds": "A backlog this old wakes the next run; one of a twentieth of the largest batch does at once.",
    "lease_seconds": "How long a run holds its batch without renewing it. A job renews six times in that time.",
    "driver_batches": "The local stack's driver that stands works on so many batches before another one takes its place; with 0 none stands, and each batch starts its own.",
    "day_round_max_scopes": "The most days (of all shops together) in one round of day reports.",
    "day_pace_factor": "A round of day reports starts when the last one ended this many times its own duration ago.",
    "request_quota_per_hour": "How many times an hour reports of one shop may be requested anew by pages, and as many times by persons; rehearsals are limited by it, too.",
    "inbox_documents_per_cause": "The most messages of one cause that the error inbox keeps whole; of further ones the archive holds the bytes.",
    "snapshot_window_seconds": "How long the database keeps an instant readable; a night's copy and its proof must fit in. The local stack starts its database with it.",
    "dump_folder": "Folder of the weekly dumps. The local stack keeps it in its data folder unless it is set.",
    "backup_shrink_share": "A backup that lost more than this share of the last one's documents or bytes is doubtful until a person accepts it.",
    "backup_rehearsed_merchants": "How many shops each night's rehearsal restores and reads.",
    "archive_small_files": "So many files of committed batches may wait; with more, the next full hour compacts them.",
    "archive_snapshot_hours": "How long states of the archive stay readable; those that a job in flight may read stay longer.",
    "archive_orphan_hours": "How old a file must be that belongs to no state of the archive before it is removed; 24 at least.",
    "archive_copy": "Where the archive is copied each night: a folder on another disk, or an address that pyarrow reaches. Without it there is no copy.",
    "erasure_margin_seconds": "So long after a person was erased the states and files of before go. Files that are younger by so much than the oldest job at work stay: clocks must not differ by more.",
    "promise_freshness_seconds": "The oldest the watermark may be while there are events to process; above it `watch_promises` fails.",
    "promise_lag_seconds": "The longest an unread message may wait in Kafka; the default is a quarter of the seven days for which events are kept.",
    "promise_backup_hours": "The oldest the newest proven backup may be; above it `watch_promises` fails.",
    "promise_erasure_hours": "The longest an erasure may take from its confirmation on; above it `watch_promises` fails.",
    "promise_decisions_seconds": "The same for the copy of what only people made.",
    "promise_rejected_share": "The largest share of the last hour's messages, of all shops together, that may be rejected.",
    "promise_shop_rejected_share": "The same for one shop, where the share is three times that of the day before, too.",
    "promise_free_share": "The smallest share of a disk that may be free.",
    "alert_smtp_host": "Mail server for alerts. Without it none are mailed ([how](operations.md#alerts)).",
    "alert_smtp_port": "Its port.",
    "alert_smtp_tls": "`starttls`, `tls` (from the first byte, mostly port 465), or `none`; no password is sent without TLS.",
    "alert_smtp_user": "User at the mail server, where it asks for one.",
    "alert_smtp_password": "Its password; give it as a file.",
    "alert_mail_from": "Sender of alerts.",
    "alert_mail_to": "Who gets alerts by mail; several addresses with commas between.",
    "alert_webhook_url": "Where alerts are posted, `https://…`. Without it none are.",
    "alert_webhook_secret": "Signs posted alerts, 16 characters or more; two with a comma between while it is changed, the new one first.",
    "alert_webhook_private_address": "Set to `true` where that address is one of your own network on purpose.",
    "alert_hold_seconds": "How long a promise must have been kept before its end of being broken is told; one that breaks again before that is not told anew.",
    "airflow_keep_days": "How long Airflow's records of runs and the logs of tasks are kept; `maintain_airflow` removes older ones.",
    "airflow_database": "Airflow's own database, as Airflow writes it, for `maintain_airflow`; only where it does not stand in `airflow.cfg`, as in containers.",
    "pause_folder": "Tests only: while it holds a file named like a checkpoint, a job waits there.",
}


def settings_markdown() -> str:
    """The text of `docs/settings.md`."""
    rows = [
        f"| `FOOTFALL_{item.name.upper()}` | {_default(item.default)} | {NOTES[item.name]} |"
        for item in fields(Settings)
    ]
    return "\n".join(
        [
            "# Settings",
            "",
            "Every setting is an environment variable. A value may come from a file: `FOOTFALL_X_FILE` holds the path of a file",
            "with the value of `FOOTFALL_X`; use it for secrets. A name that is not in this table, or a value of the wrong type,",
            "stops a program at its start. This file is printed from `contracts/settings.py` by `make docs`.",
            "",
            "| setting | default | what |",
            "|---|---|---|",
            *rows,
            "",
        ]
    )


def _default(value: object) -> str:
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return f"`{value}`" if value != "" else "none"


def runbooks_markdown() -> str:
    """The text of `docs/runbooks.md`: the docstring of every DAG, as the Airflow UI shows it."""
    parts = [
        "# Runbooks",
        "",
        "What the Airflow UI shows as each DAG's documentation. This file is printed from the docstrings in `dags/` by",
        "`make docs`. What all DAGs have in common is in [dags.md](dags.md).",
        "",
    ]
    for dag in DagId:
        source = ast.parse((ROOT / "dags" / f"{dag}.py").read_text())
        runbook = (ast.get_docstring(source) or "").replace("## ", "### ")
        parts += [f"## {dag}", "", runbook.strip(), ""]
    return "\n".join(parts)


def repairs_markdown() -> str:
    """The text of `docs/repairs.md`: the built-in rules in their order."""
    rows = [
        f"| `{rule.name}` | {', '.join(f'`{code}`' for code in sorted(rule.codes))} | {rule.sentence} |"
        for rule in RULES
    ]
    return "\n".join(
        [
            "# Repairs",
            "",
            f"Version {RULES_VERSION} of the built-in rules; each repaired message carries the version. A rule repairs what can be",
            "read in one way only, and keeps everything it is not about. This file is printed from `repairs/rules.py` by `make docs`.",
            "",
            "| rule | for the code | what it does |",
            "|---|---|---|",
            *rows,
            "",
            *_NOT_REPAIRED,
            "",
        ]
    )


_NOT_REPAIRED = (
    "Not repaired, because there are two readings:",
    "",
    "- one separator before exactly three digits: `1,234` is twelve hundred in London and one and a quarter in Berlin;",
    "- a date such as `5/6/2026`; `13/6/2026` can only be June, and with dots the day comes first;",
    "- a zone's abbreviation such as `EST`, and a time without a day;",
    "- a sign that several currencies share (`$`, `kr`, `¥`), unless the message names one of them; and an amount whose sign is",
    "  another one than its message's currency;",
    "- two ids or two event names that disagree, a list with a hole in it, a negative amount.",
    "",
    "For all of these a person makes a rule on the inbox page: set a field, map a field or an event's name, or drop. It comes before",
    "the built-in rules, and meets later messages of the same cause as well.",
)


def promises_markdown() -> str:
    """The text of `docs/promises.md`: the table of checks."""
    defaults = Settings()
    rows = []
    for name, check in CHECKS.items():
        limits = [
            f"{one.of}: {'at least' if check.is_least else 'at most'} {in_words(check.limit(defaults, one.of), check.unit)} "
            f"(`FOOTFALL_{one.setting.upper()}`)"
            for one in check.thresholds
        ]
        rows.append(
            f"| {check.title} (`{name}`) | {check.promise} | {'<br>'.join(limits) or 'none is wrong'} | {check.what_now} |"
        )
    return "\n".join(
        [
            "# Promises",
            "",
            "What `watch_promises` looks at every five minutes, and when it calls a promise broken. How one hears of it is in",
            "[operations.md](operations.md#alerts). This file is printed from `contracts/promises.py` by `make docs`.",
            "",
            "| check | promise | threshold | when it is broken |",
            "|---|---|---|---|",
            *rows,
            "",
            f"Shares of rejected messages are judged from {FEWEST_MESSAGES} messages on: the platform's over the batches of the last hour, a shop's",
            f"over the running hour and the one before. A shop's is broken where it is also {JUMP} times that of the day before, and until it is low again.",
            "",
        ]
    )


def collector_openapi() -> str:
    """The text of `docs/collector-openapi.json`."""
    return json.dumps(openapi_document(), indent=1) + "\n"


DOCUMENTS: Mapping[str, Callable[[], str]] = {
    "collector-openapi.json": collector_openapi,
    "settings.md": settings_markdown,
    "runbooks.md": runbooks_markdown,
    "numbers.md": numbers_markdown,
    "bad-input.md": bad_input_markdown,
    "repairs.md": repairs_markdown,
    "promises.md": promises_markdown,
}


def main() -> None:
    for name, text in DOCUMENTS.items():
        (ROOT / "docs" / name).write_text(text())


if __name__ == "__main__":
    main()
