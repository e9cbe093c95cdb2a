"""Running commands, saying what is done, and doing each step only once.

A step is guarded by a stamp: a file with the hash of everything the step depends on. It is written after the step succeeded,
so a step that broke is done again, and one whose inputs did not change is not.
"""

import contextlib
import fcntl
import hashlib
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from . import paths


class SetupError(Exception):
    """Something the user must know or do; shown without a traceback."""


def say(message: str) -> None:
    """Tell the user, on stderr so that output meant for programs stays clean."""
    print(f"[env] {message}", file=sys.stderr, flush=True)


def run(*command: object, log: Path | None = None, **options) -> subprocess.CompletedProcess:
    """Run a command; on failure raise with its last lines. Output goes to ``log`` if given."""
    args = [str(part) for part in command]
    options.setdefault("stdin", subprocess.DEVNULL)
    try:
        if log is None:
            done = subprocess.run(args, check=False, text=True, **options)
            output = (done.stderr or "") + (done.stdout or "")
        else:
            log.parent.mkdir(parents=True, exist_ok=True)
            with log.open("w") as stream:
                done = subprocess.run(args, check=False, stdout=stream, stderr=subprocess.STDOUT, **options)
            output = log.read_text(errors="replace")
    except FileNotFoundError as error:
        raise SetupError(f"{args[0]} is needed and not there") from error
    if done.returncode:
        raise SetupError(explain(args, done.returncode, output, log))
    return done


# What apt, pip and git say, and what it means for whoever waits.
TROUBLES = (
    (
        r"Could not resolve|Temporary failure in name|Failed to fetch|Connection refused|Network is unreachable"
        r"|Max retries exceeded|Could not connect|unable to access",
        "the package server cannot be reached. Check the network or the proxy, then start again: what is there is not fetched twice",
    ),
    (r"No space left on device|enough free space", "the disk is full"),
    (
        r"Could not get lock|Unable to acquire the dpkg",
        "another program is installing packages. Wait for it, then start again",
    ),
    (r"Unable to locate package|has no installation candidate", "this release does not have one of the packages"),
    (
        r"No matching distribution found for (\S+)",
        "there is no such package for this Python or this processor. Try another Python 3.10 to 3.13 with PYTHON=...",
    ),
    (
        r"Failed building wheel|error: command '\S*(?:gcc|cc|clang)\S*' failed|No such file or directory: '\S*gcc'"
        r"|Failed to build",
        "a package has to be compiled here. Install build-essential and python3-dev, then start again",
    ),
    (r"Permission denied|are you root", "permission denied"),
)


def explain(args: list[str], code: int, output: str, log: Path | None = None) -> str:
    """One sentence where the reason is known, else the last lines.

    >>> explain(["apt-get", "-q", "update"], 100, "E: Could not get lock /var/lib/apt/lists/lock")
    'apt-get: another program is installing packages. Wait for it, then start again.'
    """
    for pattern, meaning in TROUBLES:
        found = re.search(pattern, output)
        if found:
            which = f" ({found[1]})" if found.groups() else ""
            where = f" Everything it said: {log}" if log else ""
            return f"{_program(args)}: {meaning}{which}.{where}"
    tail = "\n".join(output.splitlines()[-25:])
    return f"command failed ({code}): {' '.join(args)}\n{tail}"


def _program(args: list[str]) -> str:
    """The name of the program that was run, past what it is run by."""
    names = [Path(part).name for part in args if not part.startswith("-") and "=" not in part]
    if "pip" in names:
        return "pip"
    return next((name for name in names if name not in ("sudo", "env")), names[0])


def output_of(*command: object, **options) -> str:
    """What a command prints."""
    return run(*command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options).stdout


def digest(*parts: object) -> str:
    """A short hash of values and of the contents of files (given as ``Path``)."""
    total = hashlib.sha256()
    for part in parts:
        total.update(part.read_bytes() if isinstance(part, Path) else str(part).encode())
        total.update(b"\0")
    return total.hexdigest()[:12]


def is_done(name: str, key: str) -> bool:
    """Whether the step was done with these inputs."""
    stamp = paths.STAMPS / name
    return stamp.exists() and stamp.read_text() == key


def once(name: str, key: str, what: str, action: Callable[[], None]) -> bool:
    """Do the step unless its stamp carries ``key``; return whether it was done now."""
    if is_done(name, key):
        return False
    say(f"{what} ...")
    started = time.monotonic()
    action()
    paths.STAMPS.mkdir(parents=True, exist_ok=True)
    (paths.STAMPS / name).write_text(key)
    say(f"{what}: done in {time.monotonic() - started:.1f} s")
    return True


@contextlib.contextmanager
def lock(name: str = "setup") -> Iterator[None]:
    """Let only one process at a time build a part of the environment."""
    paths.ENV.mkdir(parents=True, exist_ok=True)
    with (paths.ENV / f"{name}.lock").open("w") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"waiting for another process ({name}) ...")
            fcntl.flock(stream, fcntl.LOCK_EX)
        yield


def as_root(*command: object) -> list[str]:
    """The command, with sudo in front where needed."""
    return [str(part) for part in (command if os.geteuid() == 0 else ("sudo", *command))]
