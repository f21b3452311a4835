"""Serve the desk on this machine only, and print its one-time link."""

from __future__ import annotations

import click
from flask import Flask
from waitress import create_server

IN_MEMORY = 2**31 - 1  # bytes; neither what is typed nor what is opened is ever spooled to a temporary file


def serve_desk(app: Flask, port: int) -> None:
    """Serve until interrupted."""
    server = create_server(
        app, host="127.0.0.1", port=port, threads=4, ident="", inbuf_overflow=IN_MEMORY, outbuf_overflow=IN_MEMORY
    )
    click.echo(
        f"Desk:       http://127.0.0.1:{port}/open/{app.extensions['amanah_desk'].token}   (this link works once)"
    )
    server.run()
