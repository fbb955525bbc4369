"""HTTP by hand, for requests that no library would send."""

import http.client
import json
import socket


class Answer:
    def __init__(self, status, body):
        self.status = status
        self.body = body

    @property
    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"{self.status} {self.body[:300]!r}"


def request_bytes(method, target, body=b"", token=None, headers=()):
    lines = [f"{method} {target} HTTP/1.1", "Host: localhost", f"Content-Length: {len(body)}"]
    if token is not None:
        lines.append(f"Authorization: Bearer {token}")
    lines += [f"{name}: {value}" for name, value in headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


class Connection:
    """Keeps one connection open and opens another when the server has closed it."""

    def __init__(self, server, timeout=15):
        self.server = server
        self.timeout = timeout
        self.socket = None

    def open(self):
        self.close()
        self.socket = socket.create_connection(("127.0.0.1", self.server.port), timeout=self.timeout)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return self.socket

    def close(self):
        if self.socket:
            self.socket.close()
            self.socket = None

    def exchange(self, data):
        """Sends the bytes and reads one answer; None when the server closes without any."""
        for is_last in (self.socket is None, True):
            if self.socket is None:
                self.open()
            try:
                try:
                    self.socket.sendall(data)
                except (BrokenPipeError, ConnectionResetError):
                    pass  # The answer may have come before all was sent.
                response = http.client.HTTPResponse(self.socket, method=data.split(b" ", 1)[0].decode())
                response.begin()
                answer = Answer(response.status, response.read())
                if response.will_close:
                    self.close()
                return answer
            except (http.client.RemoteDisconnected, http.client.BadStatusLine, ConnectionResetError, BrokenPipeError):
                # An idle connection may have been closed by the server meanwhile.
                self.close()
                if is_last:
                    return None

    def request(self, *arguments, **options):
        return self.exchange(request_bytes(*arguments, **options))
