"""The trusted gateway: only what it says of the client of a request is believed, and only from its place with its secret."""

from __future__ import annotations

from hmac import compare_digest
from typing import Any
from urllib.parse import unquote

from django.http import HttpResponse

from dingmi.base.errors import Invalid
from dingmi.engines.crypto import certificates as engine
from dingmi.interfaces.web.middleware import Next
from dingmi.queries import gateway
from dingmi.queries.certificates import Presented

SECRET, VERIFIED, CERTIFICATE, CLIENT = (
    "HTTP_X_GATEWAY_SECRET",
    "HTTP_X_CLIENT_VERIFY",
    "HTTP_X_CLIENT_CERT",
    "HTTP_X_FORWARDED_FOR",
)
SAID = (SECRET, VERIFIED, CERTIFICATE, CLIENT)


class GatewayMiddleware:
    """Put ``request.certificate`` in place: what the gateway checked on the client's connection, or None.

    The headers are taken off every request, so that nothing behind reads what somebody else sent. Where the gateway speaks,
    the address of the request becomes that of its client.
    """

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponse:
        """Answer the request as one of its client."""
        request.META["REMOTE_ADDR"] = request.META.get("REMOTE_ADDR") or gateway.SOCKET  # a Unix socket has no address
        said = {name: request.META.pop(name, "") for name in SAID}
        request.certificate = None
        if self._is_gateway(request.META["REMOTE_ADDR"], said[SECRET]):
            client = said[CLIENT].rpartition(",")[2].strip()
            request.META["REMOTE_ADDR"] = client[:45] or request.META["REMOTE_ADDR"]
            request.certificate = _presented(said[VERIFIED], said[CERTIFICATE])
        return self.get_response(request)

    @staticmethod
    def _is_gateway(peer: str, secret: str) -> bool:
        """Tell whether a request comes from the gateway: by the address of the peer, or our socket, and the secret, both."""
        trusted = gateway.trusted()
        return (
            trusted is not None and peer in trusted.peers and compare_digest(secret.encode(), trusted.secret.encode())
        )


def _presented(verified: str, certificate: str) -> Presented | None:
    if verified != "SUCCESS" or not certificate:
        return None
    try:
        read = engine.read(unquote(certificate))
    except Invalid:
        return None
    return Presented(read.fingerprint, read.since, read.until)
