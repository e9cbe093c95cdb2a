"""What set-up says when a program fails, and what it refuses before it begins."""

import shutil
import socket
from collections import namedtuple

import demo
import pytest
from devenv import machine, paths, postgres
from devenv.steps import SetupError, explain, run

Usage = namedtuple("Usage", "total used free")


@pytest.mark.parametrize(
    ("args", "output", "sentence"),
    [
        (
            ["sudo", "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", "update"],
            "E: Failed to fetch somewhere  Temporary failure resolving 'somewhere'",
            "apt-get: the package server cannot be reached",
        ),
        (["apt-get", "download"], "E: You don't have enough free space in /x", "apt-get: the disk is full."),
        (
            ["/x y/python", "-m", "pip", "install"],
            "ERROR: No matching distribution found for cairocffi==1.7.1",
            "there is no such package for this Python or this processor. "
            "Try another Python 3.10 to 3.13 with PYTHON=... (cairocffi==1.7.1).",
        ),
        (
            ["/x/python", "-m", "pip", "install"],
            "error: command 'gcc' failed: No such file",
            "pip: a package has to be compiled",
        ),
        (["git", "clone"], "fatal: unable to access 'x'", "git: the package server cannot be reached"),
    ],
)
def test_what_is_known_is_one_sentence(args, output, sentence):
    told = explain(args, 100, output)
    assert sentence in told
    assert "\n" not in told


def test_what_is_not_known_is_told_as_it_is():
    assert explain(["psql"], 3, "one\ntwo") == "command failed (3): psql\none\ntwo"


def test_a_missing_program_is_named():
    with pytest.raises(SetupError, match="no-such-program is needed and not there"):
        run("no-such-program")


def test_a_small_disk_is_told_before_anything_is_downloaded(monkeypatch, tmp_path):
    monkeypatch.setattr(paths, "ENV", tmp_path)
    monkeypatch.setattr(paths, "STAMPS", tmp_path / "stamps")
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: Usage(10**11, 10**11 - 1_200_000_000, 1_200_000_000))
    with pytest.raises(SetupError, match=r"1\.2 GB are free in .*; about 3 GB are needed"):
        machine.check_room()
    (tmp_path / "stamps").mkdir()
    (tmp_path / "stamps" / "tpl_base").write_text("built")
    machine.check_room()


def test_without_root_and_sudo_the_administrator_is_told_what(monkeypatch):
    monkeypatch.setattr(machine, "missing_packages", lambda _extra: ["wkhtmltopdf"])
    monkeypatch.setattr(machine.os, "geteuid", lambda: 1000)
    monkeypatch.setattr(shutil, "which", lambda name: None if name == "sudo" else f"/usr/bin/{name}")
    with pytest.raises(SetupError, match="have an administrator install: wkhtmltopdf"):
        machine.install_missing()
    monkeypatch.setattr(machine, "missing_packages", lambda _extra: [])
    machine.install_missing()


def test_a_taken_port_is_told_before_the_night():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(SetupError, match=f"port {port} cannot be used .* make demo PORT=8070"):
            demo.check_port(port)
    demo.check_port(port)


def test_the_shell_that_starts_postgres_gets_one_word(monkeypatch, tmp_path):
    place = tmp_path / "a & b ü"
    monkeypatch.setattr(postgres, "socket_dir", lambda: place)
    monkeypatch.setattr(postgres, "_private_dir", lambda _directory: None)
    monkeypatch.setattr(postgres, "_as_server_user", lambda *command: [str(part) for part in command])
    monkeypatch.setattr(paths, "PGDATA", tmp_path)
    called = []
    monkeypatch.setattr(postgres, "run", lambda *command, **_options: called.extend(map(str, command)))
    postgres._start()
    assert called[called.index("-o") + 1] == f"-k '{place}'"
