"""Fixtures that several test modules share: real PostgreSQL and MariaDB servers, real databases.

Does not belong here: anything that one module alone needs.
"""

from __future__ import annotations

import contextlib
import gzip
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
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

REPOSITORY = Path(__file__).parent.parent
DUMPS_VARIABLE = "SCORECARD_DUMPS"
"""Folder of database dumps named `<name>.sql.gz`."""
SUPERUSER, PASSWORD = "owner", "test-password"


@dataclass(frozen=True)
class PostgresServer:
    """A PostgreSQL server on loopback that lives as long as the test session."""

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
    pytest.skip("the server refuses to run as root, and there is no other user")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A fresh PostgreSQL server without durability, stopped and removed at the end."""
    binaries = _binaries()
    if binaries is None:
        pytest.skip("no PostgreSQL: install the package postgresql, or the wheel pgserver")
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
    options = (
        f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= "
        "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c shared_buffers=64MB "
        "-c max_connections=50 -c autovacuum_naptime=3600"
    )
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
        pytest.fail(f"{e.cmd[0]} failed:\n{log.read_text('utf-8')[-2000:]}")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@dataclass(frozen=True)
class MariadbServer:
    """A MariaDB server on loopback that lives as long as the test session."""

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


@pytest.fixture(scope="session")
def mariadb() -> Iterator[MariadbServer]:
    """A fresh MariaDB server without durability, stopped and removed at the end."""
    path = f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin"
    server = shutil.which("mariadbd", path=path)
    install = shutil.which("mariadb-install-db", path=path)
    if server is None or install is None:
        pytest.skip("no MariaDB: install the package mariadb-server")
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
    common = ("--no-defaults", f"--datadir={folder / 'data'}")
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
                pytest.fail(f"{install} failed:\n{log.read_text('utf-8')[-2000:]}")
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
                    pytest.fail(f"{server} ended:\n{log.read_text('utf-8')[-2000:]}")
                time.sleep(0.1)
            yield running
        finally:
            process.terminate()
            process.wait(60)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def real_dump(postgres: PostgresServer) -> Callable[[str], str]:
    """Restores a dump once per session; returns the database's URL, or skips if it is absent."""
    restored: dict[str, str] = {}

    def restore(name: str) -> str:
        if name in restored:
            return restored[name]
        folder = Path(os.environ.get(DUMPS_VARIABLE, REPOSITORY.parent / "shared" / "data"))
        dump = folder / f"{name}.sql.gz"
        if not dump.is_file():
            pytest.skip(f"no dump {dump}; name its folder in {DUMPS_VARIABLE}")
        url = postgres.create_database(name)
        with gzip.open(dump) as script:
            subprocess.run(
                [postgres.binaries / "psql", "-q", "-v", "ON_ERROR_STOP=1", "-o", os.devnull, url],
                input=script.read(),
                check=True,
                capture_output=True,
            )
        restored[name] = url
        return url

    return restore
