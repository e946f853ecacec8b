"""python -m clinic.ask /healthz: the health check of the image. Asks the web process here; fails unless it is well."""

import http
import http.client
import os
import sys

TIMEOUT_SECONDS = 3


def ask(path: str, port: int) -> int:
    """The status code of a page of this machine's web process; 0 if it does not answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_SECONDS)
    # Any name in ALLOWED_HOSTS will do: the check comes from inside.
    host = os.environ.get("ALLOWED_HOSTS", "localhost").split(",")[0].strip()
    try:
        connection.request("GET", path, headers={"Host": host})
        return connection.getresponse().status
    except OSError:
        return 0
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(ask(sys.argv[1], 8000) != http.HTTPStatus.OK)
