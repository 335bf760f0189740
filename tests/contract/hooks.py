"""Lets schemathesis send and read bodies of the sync protocol: bytes as they are."""

import schemathesis


@schemathesis.serializer("application/cbor")
def cbor(_context, value):
    return value if isinstance(value, bytes) else str(value).encode(errors="surrogatepass")


@schemathesis.deserializer("application/cbor")
def text(_context, response):
    return response.content.decode(errors="replace")
