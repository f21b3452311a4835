"""A pilot's certificate: for the hosts asked for and no others, not for long, and really served."""

from __future__ import annotations

import ipaddress
import stat
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key

from config import Settings
from errors import SettingsError
from fieldwork.certificate import issue, keep_certificate

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


def made(*hosts: str, now: datetime = NOW) -> tuple[x509.Certificate, x509.Certificate]:
    issued = issue(hosts, now)
    return x509.load_pem_x509_certificate(issued.authority), x509.load_pem_x509_certificate(issued.certificate)


def test_both_certificates_live_for_a_year_at_most_and_bear_clocks_that_are_behind() -> None:
    for certificate in made("192.0.2.7"):
        assert certificate.not_valid_before_utc <= NOW - timedelta(hours=12)
        assert certificate.not_valid_after_utc - certificate.not_valid_before_utc <= timedelta(days=398)


def test_the_authority_is_bound_to_the_hosts_that_were_asked_for() -> None:
    authority, _ = made("192.0.2.7", "amanah.local")
    bound = authority.extensions.get_extension_for_class(x509.NameConstraints)
    assert bound.critical
    assert bound.value.permitted_subtrees == [
        x509.IPAddress(ipaddress.ip_network("192.0.2.7/32")),
        x509.DNSName("amanah.local"),
    ]
    assert bound.value.excluded_subtrees == [x509.IPAddress(ipaddress.ip_network("::/0"))]


def test_nothing_names_the_study() -> None:
    for certificate in made("192.0.2.7"):
        assert b"working" not in certificate.public_bytes(Encoding.DER).lower()


@pytest.mark.parametrize(
    "host",
    ["", " ", "https://192.0.2.7", "192.0.2.7/visit", "192.0.2", "192.0.2.300", "*.local", "two words", "a_b", "-a"],
)
def test_what_is_no_host_is_refused_with_what_to_type(host: str) -> None:
    with pytest.raises(SettingsError, match="for example 192.0.2.7"):
        issue([host], NOW)


def test_the_key_fits_and_every_file_is_its_owners_alone(settings: Settings) -> None:
    issued = issue(["192.0.2.7"], NOW)
    folder = keep_certificate(settings.home, issued)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {
        "authority.crt": 0o600,
        "server.crt": 0o600,
        "server.key": 0o600,
    }
    key = load_pem_private_key(issued.key, None)
    assert x509.load_pem_x509_certificate(issued.certificate).public_key() == key.public_key()
    # The authority's own key is nowhere: it can sign nothing more.
    assert sum(path.read_bytes().count(b"PRIVATE KEY-----\n") for path in folder.iterdir()) == 2
    assert "PRIVATE" not in repr(issued)


def test_a_certificate_is_never_written_over(settings: Settings) -> None:
    folder = keep_certificate(settings.home, issue(["192.0.2.7"], NOW))
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    with pytest.raises(SettingsError, match="already"):
        keep_certificate(settings.home, issue(["192.0.2.8"], NOW))
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_another_host_signed_by_the_authority_would_not_be_believed() -> None:
    from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

    key, stolen = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    authority, good = made("192.0.2.7")
    verifier = PolicyBuilder().store(Store([authority])).time(NOW)
    verifier.build_server_verifier(x509.IPAddress(ipaddress.ip_address("192.0.2.7"))).verify(good, [])
    # As if the authority's key had been stolen before it was thrown away: the same authority with a known key.
    forged_authority = _again(authority, authority.subject, stolen, stolen)
    forged = _again(
        good, forged_authority.subject, key, stolen, x509.SubjectAlternativeName([x509.DNSName("example.org")])
    )
    forged_for = PolicyBuilder().store(Store([forged_authority])).time(NOW)
    with pytest.raises(VerificationError):
        forged_for.build_server_verifier(x509.DNSName("example.org")).verify(forged, [])


def _again(
    like: x509.Certificate,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    signer: ec.EllipticCurvePrivateKey,
    names: x509.SubjectAlternativeName | None = None,
) -> x509.Certificate:
    """A certificate like this one, for another key, and for other names where they are given."""
    builder = x509.CertificateBuilder(
        issuer, like.subject, key.public_key(), like.serial_number, like.not_valid_before_utc, like.not_valid_after_utc
    )
    for extension in like.extensions:
        value = extension.value
        if isinstance(value, x509.SubjectKeyIdentifier):
            value = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
        elif isinstance(value, x509.AuthorityKeyIdentifier):
            value = x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key())
        elif isinstance(value, x509.SubjectAlternativeName) and names:
            value = names
        builder = builder.add_extension(value, extension.critical)
    return builder.sign(signer, SHA256())
