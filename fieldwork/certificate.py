"""A certificate for a pilot without a domain: tablets on a project router get the secure context that sealing needs.

Browsers offer WebCrypto and service workers on https pages only. A local authority is made for the hosts that were
asked for and for no others (X.509 name constraints, RFC 5280 section 4.2.1.10), it signs one server certificate, and
then its private key is thrown away: whoever takes this machine can issue nothing. Renewing means making a new one.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from errors import SettingsError
from fieldwork.instance import write_private

FOLDER, AUTHORITY, CERTIFICATE, KEY = "tls", "authority.crt", "server.crt", "server.key"
LIFE = timedelta(days=365)  # Apple refuses a server certificate of more than 398 days
CLOCKS = timedelta(days=1)  # a tablet's clock may be behind
HOST_NAME = re.compile(r"(?=.{1,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True)
class Issued:
    """What was made: three PEM files. `repr` does not show the key."""

    authority: bytes
    certificate: bytes
    key: bytes

    def __repr__(self) -> str:
        return "Issued(...)"

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the authority's certificate, as tablets show it."""
        return x509.load_pem_x509_certificate(self.authority).fingerprint(SHA256()).hex(":").upper()


def read_host(typed: str) -> x509.GeneralName:
    """An IP address or a host name. Raises SettingsError with what to type instead."""
    host = typed.strip().lower()
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        pass
    looks_like_an_address = re.fullmatch(r"[0-9.]+", host)
    if HOST_NAME.fullmatch(host) and not looks_like_an_address:
        return x509.DNSName(host)
    raise SettingsError(
        f"{typed!r} is no host. Type the address of this machine alone, for example 192.0.2.7 or amanah.local, "
        "without https:// and without a path."
    )


def issue(hosts: Sequence[str], now: datetime) -> Issued:
    """An authority for these hosts alone, and the server certificate that it signed. Raises SettingsError."""
    if not hosts:
        raise SettingsError("Say for which host, for example --host 192.0.2.7.")
    names = [read_host(host) for host in hosts]
    authority_key, server_key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    authority = _authority(names, authority_key, now)
    certificate = _certificate(names, server_key, authority, authority_key, now)
    return Issued(
        authority.public_bytes(Encoding.PEM),
        certificate.public_bytes(Encoding.PEM),
        server_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
    )


def keep_certificate(home: Path, issued: Issued) -> Path:
    """Write the files into the instance's `tls` folder. Raises SettingsError where some stand there already."""
    folder = home / FOLDER
    if folder.exists() and any(folder.iterdir()):
        raise SettingsError(f"{folder} holds a certificate already. Move the folder away to make a new one.")
    folder.mkdir(mode=0o700, exist_ok=True)
    for name, data in ((AUTHORITY, issued.authority), (CERTIFICATE, issued.certificate), (KEY, issued.key)):
        write_private(folder / name, data)
    return folder


def hosts_of(home: Path) -> tuple[str, ...]:
    """The hosts of the instance's certificate, as a Host header spells them. Raises SettingsError without one."""
    folder = home / FOLDER
    if not (folder / KEY).is_file():
        raise SettingsError(f"There is no certificate in {folder}. Run `flask certificate --host ADDRESS` first.")
    made = x509.load_pem_x509_certificate((folder / CERTIFICATE).read_bytes())
    names = made.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return tuple(f"[{name.value}]" if ":" in str(name.value) else str(name.value) for name in names)


def _authority(names: Sequence[x509.GeneralName], key: ec.EllipticCurvePrivateKey, now: datetime) -> x509.Certificate:
    name = _name(f"Project router {now:%d %B %Y}")
    usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
    return (
        _begun(name, name, key, now)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(_constraints(names), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, SHA256())
    )


def _certificate(
    names: Sequence[x509.GeneralName],
    key: ec.EllipticCurvePrivateKey,
    authority: x509.Certificate,
    authority_key: ec.EllipticCurvePrivateKey,
    now: datetime,
) -> x509.Certificate:
    usage = x509.KeyUsage(True, False, False, False, False, False, False, False, False)
    issuer_id = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key())
    return (
        _begun(_name("Project router"), authority.subject, key, now)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(issuer_id, critical=False)
        .sign(authority_key, SHA256())
    )


def _begun(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, now: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - CLOCKS)
        .not_valid_after(now + LIFE)
    )


def _constraints(names: Sequence[x509.GeneralName]) -> x509.NameConstraints:
    """These hosts and no others. A kind of name that is not asked for is closed as a whole."""
    permitted: list[x509.GeneralName] = []
    for name in names:
        permitted.append(x509.IPAddress(_alone(name.value)) if isinstance(name, x509.IPAddress) else name)
    closed: list[x509.GeneralName] = []
    if not any(isinstance(name, x509.DNSName) for name in names):
        closed.append(x509.DNSName(""))
    for everything in (ipaddress.ip_network("0.0.0.0/0"), ipaddress.ip_network("::/0")):
        if not any(isinstance(name, x509.IPAddress) and name.value.version == everything.version for name in names):
            closed.append(x509.IPAddress(everything))
    return x509.NameConstraints(permitted_subtrees=permitted, excluded_subtrees=closed or None)


def _alone(address: object) -> Network:
    return ipaddress.ip_network(str(address))


def _name(common: str) -> x509.Name:
    # Nothing here names the study: a tablet shows this name in its settings.
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])
