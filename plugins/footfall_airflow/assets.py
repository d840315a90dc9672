"""The assets of the asset graph: what wakes each DAG, and the reports that come out."""

from airflow.sdk import Asset, AssetWatcher

from contracts.names import AssetName, DagId, Topic
from footfall_airflow.triggers import BacklogTrigger, RoundTrigger

BACKLOG_OF_EVENTS = Asset(
    AssetName.EVENTS_BACKLOG.value,
    extra={"topic": Topic.EVENTS.value},
    watchers=[AssetWatcher(AssetName.EVENTS_BACKLOG.value, trigger=BacklogTrigger(Topic.EVENTS))],
)
BACKLOG_OF_ERRORS = Asset(
    AssetName.ERRORS_BACKLOG.value,
    extra={"topic": Topic.ERRORS.value},
    watchers=[AssetWatcher(AssetName.ERRORS_BACKLOG.value, trigger=BacklogTrigger(Topic.ERRORS))],
)
BACKLOG_OF_REQUESTS = Asset(
    AssetName.REQUESTS_BACKLOG.value,
    extra={"topic": Topic.REPORT_REQUESTS.value},
    watchers=[AssetWatcher(AssetName.REQUESTS_BACKLOG.value, trigger=BacklogTrigger(Topic.REPORT_REQUESTS))],
)
DUE_DAYS = Asset(
    AssetName.DUE_DAYS.value,
    watchers=[AssetWatcher(AssetName.DUE_DAYS.value, trigger=RoundTrigger(DagId.BUILD_DAY_REPORTS))],
)
REHEARSALS = Asset(
    AssetName.REHEARSALS.value,
    watchers=[AssetWatcher(AssetName.REHEARSALS.value, trigger=RoundTrigger(DagId.REHEARSE_REPAIRS))],
)
SETTINGS_CHANGES = Asset(
    AssetName.SETTINGS_CHANGES.value,
    watchers=[AssetWatcher(AssetName.SETTINGS_CHANGES.value, trigger=RoundTrigger(DagId.CHANGE_SETTINGS))],
)
RESTORED_DATABASE = Asset(
    AssetName.RESTORED_DATABASE.value,
    watchers=[AssetWatcher(AssetName.RESTORED_DATABASE.value, trigger=RoundTrigger(DagId.CATCH_UP_WITH_ARCHIVE))],
)
ERASURES = Asset(
    AssetName.ERASURES.value,
    watchers=[AssetWatcher(AssetName.ERASURES.value, trigger=RoundTrigger(DagId.FORGET_PEOPLE))],
)
REPORTS = Asset(AssetName.REPORTS.value)
