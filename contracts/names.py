"""Names of topics, collections, DAGs, pools, connections and assets: written here once, imported everywhere."""

from enum import StrEnum


class Topic(StrEnum):
    EVENTS = "footfall.events.v1"
    ERRORS = "footfall.errors.v1"
    REPORT_REQUESTS = "footfall.report-requests.v1"
    REPORT_READY = "footfall.report-ready.v1"
    SHOP_KEYS = "footfall.shop-keys.v1"


class Collection(StrEnum):
    MERCHANTS = "merchants"
    USERS = "users"
    BATCHES = "batches"
    COUNTERS = "counters"
    PLATFORM = "platform"
    REPORTS = "reports"
    CALENDAR = "calendar"
    ORDERS = "orders"
    DUE_SCOPES = "due_scopes"
    ASSIGNED_TIMES = "assigned_times"
    FAILED_EVENTS = "failed_events"
    ERROR_CAUSES = "error_causes"
    REPAIR_RULES = "repair_rules"
    REHEARSALS = "rehearsals"
    AUDIT = "audit"
    SET_ASIDE = "set_aside"
    RESTATEMENTS = "restatements"
    PROMISES = "promises"
    LOOKS = "looks"
    ALERTS = "alerts"
    FX_RATES = "fx_rates"
    SESSIONS = "sessions"
    SIGN_IN_ATTEMPTS = "sign_in_attempts"
    TICKETS = "tickets"
    WEBHOOKS = "webhooks"
    WEBHOOK_DELIVERIES = "webhook_deliveries"
    BACKUPS = "backups"
    ERASURES = "erasures"
    EXPORTS = "exports"


class DagId(StrEnum):
    PROCESS_EVENTS = "process_events"
    BUILD_DAY_REPORTS = "build_day_reports"
    REPROCESS_ERRORS = "reprocess_errors"
    REBUILD_REPORTS = "rebuild_reports"
    REHEARSE_REPAIRS = "rehearse_repairs"
    CHANGE_SETTINGS = "change_settings"
    CATCH_UP_WITH_ARCHIVE = "catch_up_with_archive"
    FORGET_PEOPLE = "forget_people"
    BACK_UP_DATABASES = "back_up_databases"
    BACK_UP_DECISIONS = "back_up_decisions"
    MAINTAIN_ARCHIVE = "maintain_archive"
    WATCH_PROMISES = "watch_promises"
    MAINTAIN_AIRFLOW = "maintain_airflow"


class Pool(StrEnum):
    SPARK = "spark"


class ConnectionId(StrEnum):
    SPARK = "spark_default"
    KAFKA = "kafka_default"
    MONGO = "mongo_default"


class AssetName(StrEnum):
    EVENTS_BACKLOG = "backlog_of_events"
    ERRORS_BACKLOG = "backlog_of_errors"
    REQUESTS_BACKLOG = "backlog_of_requests"
    DUE_DAYS = "due_days"
    REHEARSALS = "rehearsals"
    SETTINGS_CHANGES = "settings_changes"
    RESTORED_DATABASE = "restored_database"
    ERASURES = "erasures"
    REPORTS = "reports"


class Tag(StrEnum):
    REPORTS = "reports"
    ERRORS = "errors"
    PROMISES = "promises"
    BACKUPS = "backups"
    AIRFLOW = "airflow"
    ARCHIVE = "archive"
    PEOPLE = "people"


class Job(StrEnum):
    """A Spark job; `spark_jobs/<value>/job.py` holds its `main`."""

    PROCESS_EVENTS = "process_events"
    BUILD_DAY_REPORTS = "build_day_reports"
    REBUILD_REPORTS = "rebuild_reports"
    REHEARSE_REPAIRS = "rehearse_repairs"
    CHANGE_SETTINGS = "change_settings"
    MAINTAIN_ARCHIVE = "maintain_archive"
    RESTORE_ARCHIVE = "restore_archive"
    CATCH_UP_WITH_ARCHIVE = "catch_up_with_archive"
    FORGET_PEOPLE = "forget_people"


class BatchState(StrEnum):
    PLANNED = "planned"
    ARCHIVED = "archived"
    REPORTED = "reported"
    COMMITTED = "committed"
    ANNOUNCED = "announced"
    # last resorts, both final
    SET_ASIDE = "set_aside"
    LOST = "lost"


class DueGroup(StrEnum):
    HOUR = "hour"
    DAY = "day"


class Outcome(StrEnum):
    """Of an arrival, exactly one; the order of the members is their precedence."""

    REJECTED = "rejected"
    DUPLICATE = "duplicate"
    BOT = "bot"
    ACCEPTED = "accepted"


class ExitStatus:
    """What a job's exit status tells Airflow."""

    DONE = 0
    PERMANENT = 1
    TRY_LATER = 75
