"""NGINX in front of the collectors, the report apps and their streams, where it is installed."""

import grp
import os
import pwd
import shutil
from pathlib import Path

from contracts.settings import Settings
from stack.addresses import port_of_url
from stack.parts.program import Group, Program, answers

_CONFIGURATION = """\
daemon off;
worker_processes 1;
worker_rlimit_nofile 16384;
{user_line}pid {folder}/nginx.pid;
error_log {folder}/error.log warn;
events {{ worker_connections 8192; }}

http {{
    log_format line '$time_iso8601 $request_method $uri $status $body_bytes_sent $request_time $upstream_addr';
    access_log {folder}/access.log line;
    client_body_temp_path {folder}/temp/body;
    proxy_temp_path {folder}/temp/proxy;
    fastcgi_temp_path {folder}/temp/fastcgi;
    uwsgi_temp_path {folder}/temp/uwsgi;
    scgi_temp_path {folder}/temp/scgi;
    server_tokens off;
    absolute_redirect off;

    # Bodies and answers stay in memory: the worker needs no folder that it could write to.
    client_max_body_size 1m;
    client_body_buffer_size 1m;
    proxy_max_temp_file_size 0;
    proxy_buffers 16 16k;

    proxy_http_version 1.1;
    proxy_set_header Connection "";
    proxy_set_header Host $http_host;
    proxy_set_header X-Forwarded-For $remote_addr;
    proxy_set_header X-Forwarded-Proto $scheme;
    proxy_connect_timeout 2s;
    proxy_read_timeout {read_seconds}s;
    # A request that may have been taken is not sent again, unless it changes nothing: a client's retry is safe, ours is not.
    proxy_next_upstream error timeout;

    # A connection is let go of before the collector ends it: a POST on one that just ended could not be sent again.
    upstream collectors {{ {collectors} keepalive 32; keepalive_timeout {idle_seconds}s; }}
    upstream apps {{ {apps} keepalive 16; }}
    upstream streams {{ {streams} }}

    server {{
        listen 127.0.0.1:{collector_port};
        location / {{ proxy_pass http://collectors; }}
    }}
    server {{
        listen 127.0.0.1:{app_port};
        gzip on;
        gzip_types text/css application/javascript application/json image/svg+xml;
        location / {{ proxy_pass http://apps; }}
        # A stream says something every 15 seconds.
        location ~ ^/shops/[^/]+/live$ {{ proxy_pass http://streams; proxy_buffering off; proxy_read_timeout 60s; }}
    }}
}}
"""


def program() -> Path | None:
    """Where NGINX is installed; None where it is not."""
    found = shutil.which("nginx", path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/usr/local/sbin")
    return Path(found) if found else None


def configuration(settings: Settings, worker: str | None) -> str:
    """The whole nginx.conf; `worker` is the `user group` of the process that serves, where the master is root."""
    return _CONFIGURATION.format(
        user_line=f"user {worker};\n" if worker else "",
        folder=settings.data / "nginx",
        idle_seconds=max(1, int(settings.slow_client_seconds / 2)),
        read_seconds=int(settings.delivery_timeout_seconds) + 10,
        collectors=_servers(settings.collector_host, settings.collector_port),
        apps=_servers(settings.app_host, settings.app_port),
        streams=_servers(settings.live_host, settings.live_port),
        collector_port=port_of_url(settings.public_collector_url),
        app_port=port_of_url(settings.public_app_url),
    )


def _servers(host: str, port: int) -> str:
    return " ".join(f"server {host}:{number} max_fails=1 fail_timeout=2s;" for number in (port, port + 1))


def write_configuration(settings: Settings) -> None:
    folder = settings.data / "nginx"
    (folder / "temp").mkdir(parents=True, exist_ok=True)
    (folder / "nginx.conf").write_text(configuration(settings, _worker()))


def _worker() -> str | None:
    """Root hands its requests to nobody; any other user serves them itself."""
    if os.geteuid() != 0:
        return None
    nobody = pwd.getpwnam("nobody")
    return f"{nobody.pw_name} {grp.getgrgid(nobody.pw_gid).gr_name}"


def programs(settings: Settings) -> list[Program]:
    found = program()
    if found is None:
        return []
    files = ["-c", str(settings.data / "nginx" / "nginx.conf"), "-e", str(settings.data / "nginx" / "error.log")]
    urls = (settings.public_collector_url, settings.public_app_url)
    return [
        Program(
            name="nginx",
            group=Group.FRONT,
            command=[str(found), "-p", str(settings.data / "nginx"), *files],
            address=" ".join(urls),
            is_well=lambda: all(answers(f"{url}/health") for url in urls),
        )
    ]
