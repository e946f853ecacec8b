"""Local mode: mails kept as files by Django's own backend, read back for the page that shows them."""

import email
import email.policy
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import urlsplit

SHOWN_HEADERS = ("From", "Reply-To", "To", "Message-ID", "Auto-Submitted", "List-Unsubscribe", "List-Unsubscribe-Post")
BETWEEN = b"\n" + b"-" * 79 + b"\n"  # what the backend writes after each mail
MOST = 100


@dataclass(frozen=True, slots=True)
class KeptMail:
    subject: str
    to: str
    sent_at: datetime | None
    headers: tuple[tuple[str, str], ...]
    text: str
    links: tuple[str, ...]


def newest(folder: str) -> list[KeptMail]:
    """The mails in a folder, the newest first; none where there is no folder yet."""
    files = sorted(Path(folder).glob("*.log"), key=lambda file: file.stat().st_mtime, reverse=True)
    mails: list[KeptMail] = []
    for file in files[:MOST]:
        sources = [source for source in file.read_bytes().split(BETWEEN) if source.strip()]
        mails += [_read(source) for source in reversed(sources)]
    return mails[:MOST]


def _read(source: bytes) -> KeptMail:
    message = email.message_from_bytes(source, _class=EmailMessage, policy=email.policy.default)
    part = message.get_body(preferencelist=("plain",))
    text = part.get_content() if part else ""
    return KeptMail(
        subject=str(message["Subject"]),
        to=str(message["To"]),
        sent_at=message["Date"].datetime if message["Date"] else None,
        headers=tuple((name, str(message[name])) for name in SHOWN_HEADERS if message[name]),
        text=text,
        links=tuple(line for line in text.splitlines() if urlsplit(line).scheme in ("http", "https")),
    )
