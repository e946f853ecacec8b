"""The house: the clinic, its people, their roles, and the record of who did what."""

from clinic.models.audit import AuditEntry, AuditSeal
from clinic.models.clinic import Clinic, weekday_hours
from clinic.models.heartbeat import Heartbeat
from clinic.models.people import Membership, Role, User
from clinic.models.record import Event, Record
from clinic.models.ways_in import AccountEvent, DeviceToken, MailedLink, SignInCode, Spent

__all__ = [
    "AccountEvent",
    "AuditEntry",
    "AuditSeal",
    "Clinic",
    "DeviceToken",
    "Event",
    "Heartbeat",
    "MailedLink",
    "Membership",
    "Record",
    "Role",
    "SignInCode",
    "Spent",
    "User",
    "weekday_hours",
]
