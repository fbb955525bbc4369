"""Has every answer that the tests get, by whichever HTTP library, held against the specification."""

import json

import requests

from support import specification
from support.server import run

SPECIFICATION = specification.Specification(specification.folder()) if specification.folder() else None


def watch():
    """From now on all answers are looked at."""
    if SPECIFICATION is None:
        return
    _watch_requests()
    _watch_aiohttp()


def _watch_requests():
    send = requests.Session.send

    def sending(session, request, **options):
        answer = send(session, request, **options)
        if not options.get("stream"):
            SPECIFICATION.check(
                request.method, request.url, answer.status_code, answer.headers.get("Content-Type"), answer.content)
        return answer

    requests.Session.send = sending


def _watch_aiohttp():
    """What matrix-nio and mautrix use."""
    try:
        import aiohttp
    except ImportError:
        return
    read = aiohttp.ClientResponse.read

    async def reading(answer):
        body = await read(answer)
        SPECIFICATION.check(
            answer.method, str(answer.url), answer.status, answer.headers.get("Content-Type"), body)
        return body

    aiohttp.ClientResponse.read = reading


def summary():
    """What the whole run showed, in lines for people."""
    if SPECIFICATION is None:
        return [f"The checker of the specification did NOT run: {specification.MISSING}."]
    lines = [f"{SPECIFICATION.checked} answers held against the specification's schemas."]
    served = {(endpoint["method"], endpoint["path"]) for endpoint in json.loads(run("endpoints").stdout)}
    if untried := SPECIFICATION.untried(served):
        lines += ["Served, and not answered well in this run:"] + [f"  {operation}" for operation in untried]
    return lines
