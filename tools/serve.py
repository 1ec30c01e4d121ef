"""Show a folder at http://localhost:PORT until Ctrl-C: serve.py FOLDER [PORT]"""

import argparse
import errno
import sys
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer


class Server(ThreadingHTTPServer):
    allow_reuse_port = False  # a busy port is refused, not shared

    def handle_error(self, request, client_address):
        """A browser that went away is no fault."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


def port(text):
    if not text.isdecimal() or not 1 <= int(text) <= 65_535:
        raise argparse.ArgumentTypeError(f"port {text!r}; expected 1 to 65535")
    return int(text)


def main():
    parser = argparse.ArgumentParser(prog="serve", description="Show a folder in the browser.")
    parser.add_argument("folder")
    parser.add_argument("port", type=port, nargs="?", default=8000)
    arguments = parser.parse_args()
    try:
        with Server(("127.0.0.1", arguments.port), partial(SimpleHTTPRequestHandler, directory=arguments.folder)) as at:
            print(f"The book is at http://localhost:{arguments.port}  (stop with Ctrl-C)", flush=True)
            at.serve_forever()
    except KeyboardInterrupt:
        print("\nserve: stopped", file=sys.stderr)
        return 130
    except OSError as error:
        why = "is in use" if error.errno == errno.EADDRINUSE else f"cannot be had ({error.strerror})"
        other = arguments.port % 65_535 + 1
        return f"serve: port {arguments.port} {why}: choose another, as in make serve PORT={other}"


if __name__ == "__main__":
    sys.exit(main())
