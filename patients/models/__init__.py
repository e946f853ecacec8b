from patients.models.assignment import Program, ProgramEvent, ProgramItem
from patients.models.calendar import CalendarFeed
from patients.models.consent import Consent, ConsentText
from patients.models.draft import ProgramDraft
from patients.models.dry_run import DryRun
from patients.models.episode import Allowance, Episode, Examination
from patients.models.gate import GateRecord
from patients.models.hold import Hold
from patients.models.intake import AuditFinding, Trial, TrialEvent, TrialRequest
from patients.models.measure import Measure
from patients.models.message import PatientMessage
from patients.models.patient import EmergencyAccess, Identity, Patient, PatientEvent, Proxy
from patients.models.preferences import Preferences
from patients.models.proposal import Proposal
from patients.models.session import Decision, ExerciseLog, NextDayQuestion, Session
from patients.models.triage import FlagEvent, PainFlag, PainReport

__all__ = [
    "Allowance",
    "AuditFinding",
    "CalendarFeed",
    "Consent",
    "ConsentText",
    "Decision",
    "DryRun",
    "EmergencyAccess",
    "Episode",
    "Examination",
    "ExerciseLog",
    "FlagEvent",
    "GateRecord",
    "Hold",
    "Identity",
    "Measure",
    "NextDayQuestion",
    "PainFlag",
    "PainReport",
    "Patient",
    "PatientEvent",
    "PatientMessage",
    "Preferences",
    "Program",
    "ProgramDraft",
    "ProgramEvent",
    "ProgramItem",
    "Proposal",
    "Proxy",
    "Session",
    "Trial",
    "TrialEvent",
    "TrialRequest",
]
