"""A server on this machine that speaks as the providers do, as a test tells it to."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import NamedTuple


class Asked(NamedTuple):
    """One request as it came."""

    path: str
    token: str
    body: dict[str, object]


class Reply(NamedTuple):
    """One answer: status, body, further headers. `waits`: none comes before the test is over."""

    status: int = 200
    body: bytes = b"{}"
    headers: tuple[tuple[str, str], ...] = ()
    waits: bool = False


@dataclass
class ModelServer:
    """Gives out `replies` in turn; the last one again and again."""

    url: str = ""
    replies: list[Reply] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    over: Event = field(default_factory=Event)

    def next(self) -> Reply:
        """Return the reply to the next request."""
        return self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]


def completion(text: str) -> Reply:
    """Return an answer of Groq or Hugging Face, as their references show it."""
    choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
    body = {"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice]}
    return Reply(body=json.dumps(body | {"usage": {"total_tokens": 40}}).encode())


def ollama(text: str) -> Reply:
    """Return an answer of Ollama's /api/chat."""
    message = {"role": "assistant", "content": text}
    return Reply(body=json.dumps({"model": "m", "message": message, "done": True, "eval_count": 9}).encode())


@contextmanager
def model_server(*replies: Reply) -> Iterator[ModelServer]:
    """Serve until the block ends."""
    server = ModelServer(replies=list(replies))

    class Answering(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            token = self.headers.get("Authorization", "").removeprefix("Bearer ")
            server.asked.append(Asked(self.path, token, body))
            reply = server.next()
            if reply.waits:
                server.over.wait()
                return
            self.send_response(reply.status)
            for name, value in (*reply.headers, ("Content-Length", str(len(reply.body)))):
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(reply.body)

        def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 (the library's name)
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answering) as listening:
        server.url = f"http://127.0.0.1:{listening.server_address[1]}"
        thread = Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.over.set()
            listening.shutdown()
            thread.join()
