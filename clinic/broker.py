"""Where the private Redis of the local mode listens."""

import hashlib
import tempfile
from pathlib import Path

# The kernel cuts the path of a unix socket off at about 104 bytes.
LONGEST_SOCKET_PATH = 100


def socket_path(var: Path) -> Path:
    """The socket of the private Redis kept under `var`: the same folder, the same socket."""
    path = var / "run" / "redis.sock"
    if len(str(path)) <= LONGEST_SOCKET_PATH:
        return path
    name = hashlib.sha256(str(var).encode()).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"stepwell-{name}" / "redis.sock"


def address(var: Path) -> str:
    """The same socket as an address for the cache."""
    return f"unix://{socket_path(var)}"
