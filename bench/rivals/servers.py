"""How the collector and each rival are started, and what the rivals leave out."""

import json
import os
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from bench.rivals import gunicorn
from contracts.keys import read_key
from contracts.names import Topic
from contracts.settings import Settings
from stack.addresses import port_of_bootstrap
from stack.parts import nginx

_HERE = Path(__file__).parent
_MODULES = Path("/usr/lib/nginx/modules")
_LUA = Path("/usr/share/lua/5.1")
FLASK_THREADS = 192

OURS = "Footfall"
FLOOR = "The collector's server and producer alone"
FORGETTING = "Footfall, answering without waiting for the broker"
NGINX = "NGINX + lua-kafka"
FASTAPI = "FastAPI, uvicorn"
FLASK = f"Flask, gunicorn of {FLASK_THREADS} threads"
LEFT_OUT = f"""\
{FLOOR} are no rival but what the collector stands on: a body goes to the broker as it came, unread, for whoever sends it.

All others check the key, parse every message, wrap it in an envelope and answer when the broker has acknowledged it. What the rivals leave out: none limits
rates or memory, unpacks gzip, or takes the good messages of a batch that has bad ones. FastAPI and Flask limit no sizes, read messages into Pydantic
models and pass on what these print, not the client's own bytes. NGINX looks keys up in a table and computes no signature, passes on a batch's messages as it prints
them, sends to the broker without compression and idempotence, and one produce request for each HTTP request: lua-kafka gathers nothing while it waits for
acknowledgements. Debian's lua-kafka cannot produce to Kafka 4; bench/rivals/records.lua gives it the newer format. GoatCounter is not measured:
the Go module proxy refused it, and it writes to a database of its own, not to a broker."""


@dataclass(frozen=True, slots=True)
class Server:
    """`command` of the settings and the write keys that will be used; `why_not` says why it cannot be measured here.

    `sizes` are the numbers of events in a request that it can take.
    """

    name: str
    command: Callable[[Settings, Iterable[str]], list[str]]
    why_not: str | None = None
    is_acknowledging: bool = True
    sizes: tuple[int, ...] = (1, 10)


def _ours(_: Settings, __: Iterable[str]) -> list[str]:
    return [sys.executable, "-m", "collector"]


def _forgetting(_: Settings, __: Iterable[str]) -> list[str]:
    return [sys.executable, "-m", "tests.collector.fire_and_forget"]


def _floor(_: Settings, __: Iterable[str]) -> list[str]:
    return [sys.executable, "-m", "bench.rivals.floor"]


def _fastapi(settings: Settings, _: Iterable[str]) -> list[str]:
    options = ["--port", str(settings.collector_port), "--log-level", "warning", "--no-access-log"]
    return [sys.executable, "-m", "uvicorn", "bench.rivals.fastapi_app:app", *options]


def _flask(settings: Settings, _: Iterable[str]) -> list[str]:
    bind = ["--bind", f"127.0.0.1:{settings.collector_port}", "--log-level", "warning"]
    workers = ["--workers", "1", "--worker-class", "gthread", "--threads", str(FLASK_THREADS)]
    return [sys.executable, "-m", "bench.rivals.gunicorn", *bind, *workers, "bench.rivals.flask_app:app"]


def _nginx(settings: Settings, keys: Iterable[str]) -> list[str]:
    folder = settings.data / "nginx-lua"
    folder.mkdir(exist_ok=True)
    (folder / "nginx.conf").write_text(_nginx_configuration(settings, folder))
    (folder / "configuration.lua").write_text(_lua_configuration(settings, keys))
    return [str(nginx.program()), "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log")]


def _nginx_configuration(settings: Settings, folder: Path) -> str:
    # the scripts are read by the worker, which as nobody could not reach them everywhere
    user = "user root;\n" if os.geteuid() == 0 else ""
    template = (_HERE / "nginx.conf").read_text()
    return template.format(user_line=user, folder=folder, scripts=_HERE, port=settings.collector_port)


def _lua_configuration(settings: Settings, keys: Iterable[str]) -> str:
    """A module of broker, topic and known keys."""
    secrets = settings.secrets_by_id()
    lines = []
    for text in keys:
        key = read_key(text, secrets)
        fields = f"merchant = {json.dumps(key.merchant)}, kind = {json.dumps(key.kind)}, generation = {key.generation}"
        lines.append(f"  [{json.dumps(text)}] = {{{fields}}},")
    broker = f'{{host = "127.0.0.1", port = {port_of_bootstrap(settings.kafka_bootstrap)}}}'
    listed = "\n".join(lines)
    return f"return {{\nbroker = {broker},\ntopic = {json.dumps(Topic.EVENTS)},\nkeys = {{\n{listed}\n}},\n}}\n"


def why_no_nginx(modules: Path = _MODULES, lua: Path = _LUA) -> str | None:
    wanted = {
        "nginx": nginx.program(),
        "libnginx-mod-http-lua": modules / "ngx_http_lua_module.so",
        "lua-nginx-kafka": lua / "nginx" / "kafka",
        "lua-cjson": lua / "cjson",
    }
    missing = [package for package, path in wanted.items() if path is None or not path.exists()]
    return f"{', '.join(missing)} not installed" if missing else None


def _why_no(module: str) -> str | None:
    return None if find_spec(module) else f"{module} not installed"


def servers() -> list[Server]:
    """The collector, the collector that does not wait for the broker, what it stands on, then the rivals."""
    return [
        Server(OURS, _ours),
        Server(FORGETTING, _forgetting, is_acknowledging=False),
        Server(FLOOR, _floor, sizes=(1,)),
        Server(NGINX, _nginx, why_no_nginx()),
        Server(FASTAPI, _fastapi, _why_no("fastapi") or _why_no("uvicorn")),
        Server(FLASK, _flask, None if gunicorn.is_installed() else "gunicorn not installed"),
    ]
