"""A loopback web server that serves one file honestly or dishonestly, as the path says."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

CUT = 20_000  # bytes after which the truncating paths hang up


class LyingServer:
    """Serves ``content``; ``log`` lists (path, Range header or None) of every request."""

    def __init__(self, content: bytes):
        self.content, self.log, self.release = content, [], threading.Event()
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                server.log.append((self.path, self.headers.get("Range")))
                getattr(server, self.path.strip("/").split("/")[0].replace("-", "_"))(self)

            def log_message(self, *_):
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        self.thread = threading.Thread(target=self.http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.release.set()
        self.http.shutdown()
        self.http.server_close()
        self.thread.join()

    def url(self, path):
        return f"http://127.0.0.1:{self.http.server_port}/{path}"

    @property
    def ranges(self):
        return [wanted for _, wanted in self.log]

    def answer(self, request, body, *, status=200, length=None, start=None, kind="application/gzip", **headers):
        request.send_response(status)
        request.send_header("Content-Type", kind)
        if length != "none":
            request.send_header("Content-Length", str(len(body) if length is None else length))
        if start is not None:
            whole = len(self.content)
            request.send_header("Content-Range", f"bytes {start}-{whole - 1}/{whole}")
        for key, value in headers.items():
            request.send_header(key, value)
        request.end_headers()
        request.wfile.write(body)

    def wanted(self, request):
        """(status, start, body from there on) for the request's Range."""
        wanted = request.headers.get("Range")
        if wanted is None:
            return 200, None, self.content
        start = int(wanted.removeprefix("bytes=").removesuffix("-"))
        return 206, start, self.content[start:]

    def honest(self, request):
        status, start, body = self.wanted(request)
        self.answer(request, body, status=status, start=start)

    def truncates(self, request):
        status, start, body = self.wanted(request)
        self.answer(request, body[:CUT], status=status, start=start, length=len(body))

    def stalls(self, request):
        self.truncates(request)
        self.release.wait(10)

    def silent(self, request):
        self.release.wait(10)

    def wrong_bytes(self, request):
        status, start, body = self.wanted(request)
        self.answer(request, body[:-1] + bytes([body[-1] ^ 1]), status=status, start=start)

    def claims_more(self, request):
        status, start, body = self.wanted(request)
        self.answer(request, body, status=status, start=start, length=len(body) + 1000)

    def claims_less(self, request):
        status, start, body = self.wanted(request)
        self.answer(request, body, status=status, start=start, length=max(1, len(body) // 2))

    def claims_nothing(self, request):
        status, start, body = self.wanted(request)
        self.answer(request, body, status=status, start=start, length="none")

    def endless(self, request):
        self.answer(request, self.content + b"x" * 500_000)

    def ignores_range(self, request):
        self.answer(request, self.content)

    def ignores_range_and_truncates(self, request):
        self.answer(request, self.content[: len(self.content) // 2], length=len(self.content))

    def refuses_range(self, request):
        if request.headers.get("Range"):
            self.answer(request, b"", status=416)
        else:
            self.honest(request)

    def other_range(self, request):
        if request.headers.get("Range"):
            self.answer(request, self.content[5:], status=206, start=5)
        else:
            self.honest(request)

    def moved(self, request):
        self.answer(request, b"", status=302, Location=self.url("honest"))

    def missing(self, request):
        self.answer(request, b"gone", status=404)

    def web_page(self, request):
        self.answer(request, b"<html>please log in</html>", kind="text/html; charset=utf-8")

    def hangs_up(self, request):
        request.connection.close()

    def talks_nonsense(self, request):
        request.wfile.write(b"220 this is a mail server\r\n")
