"""Real database servers for tests and benchmarks, each a context of its own.

A server listens on a free port of loopback, runs as an unprivileged user, keeps its data in a
temporary folder and is stopped and removed at the end. It gives up durability for speed.

Does not belong here: what is done with a server.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pymysql

if TYPE_CHECKING:
    from collections.abc import Iterator

SUPERUSER, PASSWORD = "owner", "test-password"
_POSTGRES_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "64MB",
    "max_connections": "50",
    "autovacuum_naptime": "3600",
}


class NoServerError(Exception):
    """The machine lacks what it takes to start a server."""


@dataclass(frozen=True)
class PostgresServer:
    """A PostgreSQL server on loopback."""

    binaries: Path
    port: int

    def url(self, database: str = "postgres", user: str = SUPERUSER) -> str:
        return f"postgresql://{user}:{PASSWORD}@127.0.0.1:{self.port}/{database}"

    def connect(self, database: str = "postgres") -> psycopg.Connection:
        return psycopg.connect(self.url(database), autocommit=True)

    def create_database(self, name: str) -> str:
        """A new, empty database; returns its URL."""
        with self.connect() as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
            connection.execute(f'CREATE DATABASE "{name}"')
        return self.url(name)


def _binaries() -> Path | None:
    """Newest installed PostgreSQL, else the one in the `pgserver` wheel."""
    installed = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[-3])
    )
    if installed:
        return installed[-1].parent
    wheel = importlib.util.find_spec("pgserver")
    for folder in (wheel.submodule_search_locations or []) if wheel else []:
        if (found := Path(folder) / "pginstall" / "bin" / "initdb").exists():
            return found.parent
    return None


def _unprivileged(*names: str) -> pwd.struct_passwd | None:
    """Whom to run the server as; None where we are not root."""
    if os.geteuid() != 0:
        return None
    for name in names:
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise NoServerError("the server refuses to run as root, and there is no other user")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def postgres_server(**settings: str) -> Iterator[PostgresServer]:
    """A fresh PostgreSQL server. Raises `NoServerError` if there is none to start."""
    binaries = _binaries()
    if binaries is None:
        raise NoServerError("no PostgreSQL: install the package postgresql, or the wheel pgserver")
    # not below pytest's own folder, which another user may not enter
    folder = Path(tempfile.mkdtemp(prefix="scorecard-postgres-"))
    user = _unprivileged("postgres", "nobody")
    if user:
        os.chown(folder, user.pw_uid, user.pw_gid)
    password, data, log = folder / "password", folder / "data", folder / "server.log"
    password.write_text(PASSWORD, encoding="utf-8")
    password.chmod(0o644)

    def run(*command: str | Path) -> None:
        with log.open("a", encoding="utf-8") as output:
            subprocess.run(
                command,
                check=True,
                cwd=folder,
                stdout=output,
                stderr=subprocess.STDOUT,
                user=user.pw_uid if user else None,
                group=user.pw_gid if user else None,
                extra_groups=[] if user else None,
            )

    port = free_port()
    all_settings = _POSTGRES_SETTINGS | {"port": str(port)} | settings
    options = " ".join(f"-c {name}={value}" for name, value in all_settings.items())
    try:
        run(
            binaries / "initdb",
            *("-D", data, "-U", SUPERUSER, "--pwfile", password),
            *("-A", "scram-sha-256", "-E", "UTF8", "--locale=C", "--no-sync"),
        )
        run(binaries / "pg_ctl", "-D", data, "-o", options, "-w", "start")
        try:
            yield PostgresServer(binaries, port)
        finally:
            run(binaries / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
    except subprocess.CalledProcessError as e:
        raise RuntimeError(f"{e.cmd[0]} failed:\n{log.read_text('utf-8')[-2000:]}") from e
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@dataclass(frozen=True)
class MariadbServer:
    """A MariaDB server on loopback."""

    port: int

    def url(self, database: str, user: str = SUPERUSER) -> str:
        return f"mysql://{user}:{PASSWORD}@127.0.0.1:{self.port}/{database}"

    def connect(
        self, database: str | None = None, *, autocommit: bool = True
    ) -> pymysql.connections.Connection:
        return pymysql.connect(
            host="127.0.0.1",
            port=self.port,
            user=SUPERUSER,
            password=PASSWORD,
            database=database,
            charset="utf8mb4",
            autocommit=autocommit,
        )


@contextlib.contextmanager
def mariadb_server() -> Iterator[MariadbServer]:
    """A fresh MariaDB server. Raises `NoServerError` if there is none to start."""
    path = f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin"
    server = shutil.which("mariadbd", path=path)
    install = shutil.which("mariadb-install-db", path=path)
    if server is None or install is None:
        raise NoServerError("no MariaDB: install the package mariadb-server")
    # not below pytest's own folder, which another user may not enter
    folder = Path(tempfile.mkdtemp(prefix="scorecard-mariadb-"))
    user = _unprivileged("mysql", "nobody")
    if user:
        os.chown(folder, user.pw_uid, user.pw_gid)
    start = folder / "start.sql"
    start.write_text(
        f"CREATE USER {SUPERUSER}@'127.0.0.1' IDENTIFIED BY '{PASSWORD}';\n"
        f"GRANT ALL ON *.* TO {SUPERUSER}@'127.0.0.1' WITH GRANT OPTION;\n",
        encoding="utf-8",
    )
    start.chmod(0o644)
    running = MariadbServer(free_port())
    common = ("--no-defaults", f"--datadir={folder / 'data'}", f"--tmpdir={folder}")
    as_user = {
        "user": user.pw_uid if user else None,
        "group": user.pw_gid if user else None,
        "extra_groups": [] if user else None,
    }
    log = folder / "server.log"
    try:
        with log.open("w", encoding="utf-8") as output:
            made = subprocess.run(
                [install, *common, "--auth-root-authentication-method=normal", "--skip-test-db"],
                cwd=folder,
                stdout=output,
                stderr=subprocess.STDOUT,
                check=False,
                **as_user,
            )
            if made.returncode:
                raise RuntimeError(f"{install} failed:\n{log.read_text('utf-8')[-2000:]}")
            process = subprocess.Popen(
                [
                    server,
                    *common,
                    f"--socket={folder / 'socket'}",
                    f"--pid-file={folder / 'pid'}",
                    f"--port={running.port}",
                    "--bind-address=127.0.0.1",
                    "--skip-name-resolve",
                    "--character-set-server=utf8mb4",
                    "--innodb-flush-log-at-trx-commit=0",
                    "--innodb-buffer-pool-size=64M",
                    f"--init-file={start}",
                ],
                cwd=folder,
                stdout=output,
                stderr=subprocess.STDOUT,
                **as_user,
            )
        try:
            for _ in range(600):
                with contextlib.suppress(pymysql.OperationalError):
                    running.connect().close()
                    break
                if process.poll() is not None:
                    raise RuntimeError(f"{server} ended:\n{log.read_text('utf-8')[-2000:]}")
                time.sleep(0.1)
            yield running
        finally:
            process.terminate()
            process.wait(60)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
