"""Holds every answer of the server against the schemas of the specification.

The OpenAPI and event schemas of Matrix v1.19 are read from the folder that MATRIX_SPEC names, or from ../shared/spec
beside this repository. They are JSON Schemas (draft 2020-12) spread over YAML files that refer to each other.
"""

import json
import os
import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import yaml
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from support.server import REPOSITORY

METHODS = ("get", "put", "post", "delete")
MISSING = "MATRIX_SPEC names no folder with the specification and ../shared/spec is not there"

# What a server says of its own accord, or copies into what it says: its content must be as the specification has it.
# Other events have the content that their senders gave them, who may say what they like.
EVENTS_OF_SERVERS = {"m.fully_read", "m.presence", "m.push_rules", "m.receipt", "m.typing"}
# The same of events in rooms, where they are not stripped of all but their content.
ROOM_EVENTS_OF_SERVERS = {"m.room.create", "m.room.redaction"}


def folder():
    """The specification's `data` folder, or None."""
    for candidate in (os.environ.get("MATRIX_SPEC"), REPOSITORY.parent / "shared" / "spec"):
        if candidate and (Path(candidate) / "data/api/client-server").is_dir():
            return (Path(candidate) / "data").resolve()
    return None


def _retrieve(uri):
    contents = yaml.load(Path(urlsplit(uri).path).read_text(), Loader=_Loader)
    return Resource.from_contents(contents, default_specification=DRAFT202012)


class _Loader(yaml.CSafeLoader if hasattr(yaml, "CSafeLoader") else yaml.SafeLoader):
    """YAML without dates: an example that looks like one is a string."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


@dataclass
class Operation:
    identifier: str
    file: str
    method: str
    path: str
    pattern: re.Pattern
    # Status to the address of the schema, or None where the specification gives no JSON body.
    responses: dict = field(default_factory=dict)
    # The statuses that this run has seen.
    seen: set = field(default_factory=set)


class Specification:
    """Compiled once; `faults` holds what was found wrong since somebody last took it away."""

    def __init__(self, data):
        self.data = data
        self.registry = Registry(retrieve=cache(_retrieve))
        self.operations = []
        self.checked = 0
        self.faults = []
        for file in sorted((data / "api/client-server").glob("*.yaml")):
            self._read(file)
        # Names before parameters, where both would match.
        self.operations.sort(key=lambda operation: (operation.path.count("{"), operation.path))
        self.error = self._validator(data / "api/client-server/definitions/errors/error.yaml")
        self.events = {
            name: self._validator(data / "event-schemas/schema" / f"{name}.yaml")
            for name in EVENTS_OF_SERVERS | ROOM_EVENTS_OF_SERVERS}

    def _read(self, file):
        document = _retrieve(file.as_uri()).contents
        base = document.get("servers", [{}])[0].get("variables", {}).get("basePath", {}).get("default", "")
        for path, item in document.get("paths", {}).items():
            full = "/" + (base + path.strip()).strip("/") + ("/" if path.strip().endswith("/") else "")
            pattern = re.compile("".join(
                "[^/]+" if part.startswith("{") else re.escape(part) for part in re.split(r"(\{[^}]*\})", full)) + "/?")
            for method in METHODS:
                if method not in item:
                    continue
                operation = Operation(item[method]["operationId"], file.stem, method.upper(), full, pattern)
                for status, response in item[method].get("responses", {}).items():
                    pointer = self._pointer(file, path, method, status, response)
                    operation.responses[str(status)] = pointer
                self.operations.append(operation)

    def _pointer(self, file, path, method, status, response):
        if "$ref" in response or "application/json" not in response.get("content", {}):
            return None
        if "schema" not in response["content"]["application/json"]:
            return None
        escaped = path.replace("~", "~0").replace("/", "~1").replace("{", "%7B").replace("}", "%7D")
        place = f"{file.as_uri()}#/paths/{escaped}/{method}/responses/{status}/content/application~1json/schema"
        return self._schema(place)

    def _schema(self, uri):
        return Draft202012Validator({"$ref": uri}, registry=self.registry)

    def _validator(self, file):
        return self._schema(file.as_uri())

    # Answers

    def operation(self, method, path):
        return next((
            operation for operation in self.operations
            if operation.method == method and operation.pattern.fullmatch(path)), None)

    def check(self, method, url, status, content_type, body):
        """Notes what is wrong with one answer."""
        if "event_fields" in url or "org.matrix.msc4140.delay" in url:
            # Who asks for parts of events gets what no schema of events allows; and a delayed event has no ID yet.
            return
        path = urlsplit(url).path.replace("/_matrix/client/r0/", "/_matrix/client/v3/")
        if not path.startswith(("/_matrix/", "/.well-known/matrix/")) or method not in ("GET", "PUT", "POST", "DELETE"):
            return
        operation = self.operation(method, path)
        where = f"{method} {operation.path if operation else path} {status}"
        for same in self.operations:
            # Two operations may share a path and differ in the body.
            if operation and (same.method, same.path) == (operation.method, operation.path):
                same.seen.add(status)
        if status >= 500:
            self._fault(where, "a server error", body)
        if content_type is None or not content_type.startswith("application/json"):
            return
        try:
            value = json.loads(body)
        except ValueError:
            self._fault(where, "the body is not JSON", body)
            return
        self.checked += 1
        schema = operation.responses.get(str(status)) if operation else None
        if status >= 400:
            # 401 of user-interactive authentication has no error code while stages are open.
            if not (status == 401 and isinstance(value, dict) and "flows" in value):
                self._validate(self.error, value, where)
                if isinstance(value, dict) and not isinstance(value.get("error"), str):
                    self._fault(where, "an error without words", value)
            if status == 429 and not isinstance(value.get("retry_after_ms"), int):
                self._fault(where, "429 without retry_after_ms", value)
        if schema is not None:
            self._validate(schema, value, where)
        elif operation and status == 200 and "200" not in operation.responses:
            self._fault(where, "the specification has no such success", value)
        for event in _events(value):
            validator = self.events.get(event["type"])
            is_in_room = event["type"] in ROOM_EVENTS_OF_SERVERS
            if validator and _is_whole(event) and ("event_id" in event or not is_in_room):
                self._validate(validator, self._with_room(event), f"{where}, in an event {event['type']}")

    @staticmethod
    def _with_room(event):
        """`/sync` leaves the room out, which the schemas of room events ask for."""
        return {"room_id": "!left:out", **event} if "event_id" in event else event

    def _validate(self, validator, value, where):
        for error in validator.iter_errors(value):
            at = "/".join(str(part) for part in error.absolute_path) or "the whole"
            self._fault(f"{where}: {at}", error.message, None)

    def _fault(self, where, message, value):
        text = f"{where}: {message[:300]}"
        if value is not None:
            text += f" in {str(value)[:300]}"
        if text not in self.faults:
            self.faults.append(text)

    def take_faults(self):
        taken, self.faults = self.faults, []
        return taken

    def untried(self, served):
        """The operations of `served` (method, path) that no request of this run was answered well at."""
        return sorted(
            f"{operation.method} {operation.path}" for operation in self.operations
            if (operation.method, operation.path) in served and not any(status < 400 for status in operation.seen))


def _is_whole(event):
    """A redacted event keeps less than its schema asks for."""
    return "redacted_because" not in event.get("unsigned", {}) and isinstance(event.get("content"), dict)


def _events(value):
    """Everything in an answer that looks like an event in full."""
    if isinstance(value, dict):
        if isinstance(value.get("type"), str) and isinstance(value.get("content"), dict):
            yield value
        for inner in value.values():
            yield from _events(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _events(inner)
