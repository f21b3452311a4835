"""The commands `flask staff …`, as whoever runs the server meets them."""

from __future__ import annotations

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from flask.testing import FlaskClient

import staff_commands
from config import LOOPBACK
from fieldwork.study import Study
from tests.joining import acts, device, join_by_passkey


def said(house: tuple[Flask, Study], *words: str) -> Result:
    home = house[0].extensions["amanah_settings"].home
    return CliRunner().invoke(staff_commands.staff, words, env={"AMANAH_HOME": str(home)})


def test_a_command_invites_lists_and_shuts_out(house: tuple[Flask, Study], visitor: FlaskClient, newcomer: str) -> None:
    told = said(house, "invite", newcomer, "--role", "administrator", "--url", "https://study.example.org/")
    link = told.output.splitlines()[-1]
    assert link.startswith("https://study.example.org/office/join#")
    assert f"{newcomer}\tadministrator\tinvitation" in said(house, "list").output
    assert join_by_passkey(visitor, link.split("#")[1], device()).status_code == 303
    assert f"{newcomer}\tadministrator\tactive" in said(house, "list").output
    assert said(house, "disable", newcomer).exit_code == 0
    assert visitor.get("/office").location == "/office/sign-in"
    assert f"{newcomer}\tadministrator\tdisabled" in said(house, "list").output
    assert ("command line", "staff_disabled", newcomer) in acts(house[1])


@pytest.mark.parametrize(
    ("words", "code", "line"),
    [
        (("invite", "mara", "--role", "coordinator"), 1, "has this name already"),
        (("invite", "Vera", "--role", "police"), 2, "'police' is not one of"),
        (("invite", "Vera", "--role", "coordinator", "--url", "study.example.org"), 1, "--url is the address"),
        (("disable", "Nobody"), 1, "There is nobody of this name"),
    ],
)
def test_a_command_that_cannot_be_done_says_so_in_a_line(
    house: tuple[Flask, Study], words: tuple[str, ...], code: int, line: str
) -> None:
    told = said(house, *words)
    assert told.exit_code == code
    assert line in told.output


@pytest.mark.parametrize(
    ("hosts", "address"),
    [
        (LOOPBACK, "http://localhost:8000"),
        (("localhost",), "http://localhost:8000"),
        (("study.example.org", "192.0.2.7"), "https://study.example.org"),
    ],
)
def test_a_link_leads_to_where_the_instance_is_reached(hosts: tuple[str, ...], address: str) -> None:
    assert staff_commands.reached_at(hosts) == address


def test_without_an_address_a_demos_link_is_one_that_passkeys_work_at(
    house: tuple[Flask, Study], newcomer: str
) -> None:
    told = said(house, "invite", newcomer, "--role", "coordinator").output.splitlines()[-1]
    assert told.startswith("http://localhost:8000/office/join#")
