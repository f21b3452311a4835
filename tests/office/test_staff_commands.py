"""The commands `flask staff …`, as whoever runs the server meets them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from flask.testing import FlaskClient

import staff_commands
from config import LOOPBACK
from errors import NotPermitted
from fieldwork.staff.links import link_in
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
        (("invite", "Vera", "--role", "coordinator", "--url", "https://a.example/path"), 1, "with no path"),
        (("invite", "Vera", "--role", "coordinator", "--url", "https://a.example/#a"), 1, "with no path"),
        (("disable", "Nobody"), 1, "There is nobody of this name"),
        (("enable", "Nobody"), 1, "There is nobody of this name"),
        (("reset", "Nobody"), 1, "There is nobody of this name"),
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


def test_a_link_that_waits_is_replaced_by_the_next_and_made_void(house: tuple[Flask, Study], newcomer: str) -> None:
    office, now = house[1].stores.office, datetime.now(UTC)
    invite = ("invite", newcomer, "--role", "coordinator")
    first, second = (said(house, *invite).output.splitlines()[-1].split("#")[1] for _ in range(2))
    with pytest.raises(NotPermitted):
        link_in(office, first, now)
    assert link_in(office, second, now).name == newcomer
    assert said(house, "disable", newcomer).output == f"The link of {newcomer} is void.\n"
    with pytest.raises(NotPermitted):
        link_in(office, second, now)


def test_whoever_was_shut_out_is_let_in_again_and_set_up_anew_at_the_server(
    house: tuple[Flask, Study], visitor: FlaskClient, newcomer: str
) -> None:
    link = said(house, "invite", newcomer, "--role", "coordinator").output.splitlines()[-1]
    assert join_by_passkey(visitor, link.split("#")[1], device()).status_code == 303
    said(house, "disable", newcomer)
    assert said(house, "enable", newcomer).output == f"{newcomer} can sign in again, with what they had.\n"
    anew = said(house, "reset", newcomer).output.splitlines()[-1]
    assert f"{newcomer}\tcoordinator\twaiting" in said(house, "list").output
    assert join_by_passkey(visitor, anew.split("#")[1], device()).status_code == 303


def test_a_real_instance_is_asked_where_it_is_reached_and_warned_of_a_name_that_it_refuses(
    house: tuple[Flask, Study], newcomer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AMANAH_DEMO", "false")
    invite = ("invite", newcomer, "--role", "coordinator")
    assert "Say where this instance is reached" in said(house, *invite).output
    at = (*invite, "--url", "https://study.example.org")
    assert "study.example.org is not in the setting hosts" in said(house, *at).output
    monkeypatch.setenv("AMANAH_HOSTS", "study.example.org")
    assert "Warning" not in said(house, *at).output
