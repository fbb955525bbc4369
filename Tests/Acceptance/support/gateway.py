"""A push gateway on loopback: keeps what it is told, and answers as the test says."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PATH = "/_matrix/push/v1/notify"


class Gateway:
    def __init__(self, port=0):
        self.status = 200
        self.rejected = []
        self.notifications = []
        gateway = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                assert self.path == PATH and self.headers["Content-Type"] == "application/json"
                gateway.notifications.append((gateway.status, body["notification"]))
                answer = json.dumps({"rejected": gateway.rejected}).encode()
                self.send_response(gateway.status)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *arguments):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.port = self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self.thread.start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}{PATH}"

    def taken(self):
        """The notifications that were answered with 200."""
        return [notification for status, notification in self.notifications if status == 200]

    def wait(self, wanted, seconds=15):
        deadline = time.monotonic() + seconds
        while not wanted():
            assert time.monotonic() < deadline, f"the gateway has only {self.notifications}"
            time.sleep(0.02)

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        self.close()
