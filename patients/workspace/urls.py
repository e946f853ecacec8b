from django.urls import URLPattern, URLResolver, path

from patients.workspace.access_log import AccessLog
from patients.workspace.banners import ShowBanners
from patients.workspace.builder import Builder, BuilderPreview, TakeOff
from patients.workspace.caseload import Caseload, Find
from patients.workspace.consent_texts import ConsentTexts
from patients.workspace.decisions import ExerciseDecisions
from patients.workspace.dry_runs import AskDryRun, CancelDryRun, DryRuns, ShowDryRun
from patients.workspace.emergency import OpenInEmergency
from patients.workspace.episodes import (
    Assign,
    Discharge,
    Examine,
    Exceptions,
    Gates,
    GoWithoutGate,
    OpenEpisode,
    RecordGate,
    RevokeGate,
    WithdrawException,
)
from patients.workspace.exercises import (
    AdjustDose,
    ChangeSides,
    Exercise,
    HoldExercise,
    Lock,
    MoreInstead,
    SetLevel,
    SetLimits,
    SetSide,
    SwapExercise,
    Unlock,
)
from patients.workspace.flag_report import FlagReport, FlagReportFile
from patients.workspace.leaving import CloseAccount, Closed, RecordCopy, Reopen, Restrict
from patients.workspace.measures import Measures, RevokeMeasure, UsualPain
from patients.workspace.merging import Merge, SamePerson
from patients.workspace.messages import Messages
from patients.workspace.on_behalf import AnswerOnBehalf, LogOnBehalf, PainOnBehalf
from patients.workspace.patient import Ledger, PatientFile, Sheet
from patients.workspace.people import AddCarer, AddPatient, Address, Consents, Contact, HomeEquipment, RevokeCarer
from patients.workspace.program import (
    Approve,
    ChangeProposal,
    Decline,
    Pause,
    ReleaseHold,
    ReviewPhase,
    SignOffPhase,
    Unpause,
)
from patients.workspace.queue import CloseRoutine, Queue
from patients.workspace.sessions import CorrectSession, Sessions, TakeBackSession
from patients.workspace.team import Member, MemberLeaves
from patients.workspace.triage import FlagPage, LogContact, MessagePatient, ResolveFlag, SnoozeFlag, TakeFlag
from patients.workspace.trials import (
    Accept,
    BookAudit,
    Convert,
    DeclineRequest,
    End,
    Extend,
    MissAudit,
    RecordAudit,
    ShowTrial,
    Start,
    Trials,
)
from patients.workspace.versions import Moves, MoveVersion, Programs, UndoMove
from patients.workspace.worklist import Worklist

PATIENT = "patients/<uuid:pk>/"
EPISODE = f"{PATIENT}episodes/<uuid:episode>/"
EXERCISE = f"{PATIENT}exercises/<uuid:item>/"
FLAG = "triage/<uuid:pk>/"
TRIAL = "trials/<uuid:pk>/"

app_name = "workspace"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", Caseload.as_view(), name="caseload"),
    path("find/", Find.as_view(), name="find"),
    path("emergency/", OpenInEmergency.as_view(), name="emergency"),
    path("access-log/", AccessLog.as_view(), name="access_log"),
    path("to-decide/", Worklist.as_view(), name="worklist"),
    # Triage
    path("banners/", ShowBanners.as_view(), name="banners"),
    path("triage/", Queue.as_view(), name="triage"),
    path("triage/routine/", CloseRoutine.as_view(), name="flags_routine"),
    path(FLAG, FlagPage.as_view(), name="flag"),
    path(f"{FLAG}take/", TakeFlag.as_view(), name="flag_take"),
    path(f"{FLAG}contact/", LogContact.as_view(), name="flag_contact"),
    path(f"{FLAG}message/", MessagePatient.as_view(), name="flag_message"),
    path(f"{FLAG}snooze/", SnoozeFlag.as_view(), name="flag_snooze"),
    path(f"{FLAG}resolve/", ResolveFlag.as_view(), name="flag_resolve"),
    path("reports/flags/", FlagReport.as_view(), name="flag_report"),
    path("reports/flags.csv", FlagReportFile.as_view(), name="flag_report_file"),
    # Free trials
    path("trials/", Trials.as_view(), name="trials"),
    path(TRIAL, ShowTrial.as_view(), name="trial"),
    path(f"{TRIAL}accept/", Accept.as_view(), name="trial_accept"),
    path(f"{TRIAL}decline/", DeclineRequest.as_view(), name="trial_decline"),
    path(f"{TRIAL}book/", BookAudit.as_view(), name="trial_book"),
    path(f"{TRIAL}missed/", MissAudit.as_view(), name="trial_missed"),
    path(f"{TRIAL}audit/", RecordAudit.as_view(), name="trial_audit"),
    path(f"{TRIAL}start/", Start.as_view(), name="trial_start"),
    path(f"{TRIAL}extend/", Extend.as_view(), name="trial_extend"),
    path(f"{TRIAL}convert/", Convert.as_view(), name="trial_convert"),
    path(f"{TRIAL}end/", End.as_view(), name="trial_end"),
    # Programs, and who runs on an older version
    path("team/words/", ConsentTexts.as_view(), name="consent_texts"),
    path("team/<uuid:pk>/", Member.as_view(), name="member"),
    path("team/<uuid:pk>/leave/", MemberLeaves.as_view(), name="member_leaves"),
    path("programs/", Programs.as_view(), name="programs"),
    path("programs/<uuid:pk>/", Moves.as_view(), name="moves"),
    # Trying rules and programs out
    path("dry-runs/", DryRuns.as_view(), name="dry_runs"),
    path("dry-runs/new/", AskDryRun.as_view(), name="dry_run_new"),
    path("dry-runs/<uuid:pk>/", ShowDryRun.as_view(), name="dry_run"),
    path("dry-runs/<uuid:pk>/cancel/", CancelDryRun.as_view(), name="dry_run_cancel"),
    # One patient
    path("patients/new/", AddPatient.as_view(), name="patient_new"),
    path(PATIENT, PatientFile.as_view(), name="patient"),
    path(f"{PATIENT}copy/", RecordCopy.as_view(), name="record_copy"),
    path(f"{PATIENT}same/", SamePerson.as_view(), name="same_person"),
    path(f"{PATIENT}same/<uuid:other>/", Merge.as_view(), name="merge"),
    path("closed/", Closed.as_view(), name="closed"),
    path(f"{PATIENT}restrict/", Restrict.as_view(), name="restrict"),
    path(f"{PATIENT}reopen/", Reopen.as_view(), name="reopen"),
    path(f"{PATIENT}close/", CloseAccount.as_view(), name="close_account"),
    path(f"{PATIENT}contact/", Contact.as_view(), name="contact"),
    path(f"{PATIENT}address/", Address.as_view(), name="address"),
    path(f"{PATIENT}carers/new/", AddCarer.as_view(), name="carer_new"),
    path(f"{PATIENT}carers/<uuid:proxy>/revoke/", RevokeCarer.as_view(), name="carer_revoke"),
    path(f"{PATIENT}equipment/", HomeEquipment.as_view(), name="equipment"),
    path(f"{PATIENT}consents/", Consents.as_view(), name="consents"),
    path(f"{PATIENT}messages/", Messages.as_view(), name="messages"),
    path(f"{PATIENT}decisions/", Ledger.as_view(), name="ledger"),
    path(f"{PATIENT}sheet/", Sheet.as_view(), name="sheet"),
    # On behalf
    path(f"{PATIENT}log/", LogOnBehalf.as_view(), name="log"),
    path(f"{PATIENT}sessions/", Sessions.as_view(), name="sessions"),
    path(f"{PATIENT}sessions/<uuid:session>/correct/", CorrectSession.as_view(), name="session_correct"),
    path(f"{PATIENT}sessions/<uuid:session>/take-back/", TakeBackSession.as_view(), name="session_take_back"),
    path(f"{PATIENT}pain/", PainOnBehalf.as_view(), name="pain"),
    path(f"{PATIENT}questions/<uuid:question>/", AnswerOnBehalf.as_view(), name="answer"),
    # Episodes
    path(f"{PATIENT}episodes/new/", OpenEpisode.as_view(), name="episode_new"),
    path(f"{EPISODE}assign/", Assign.as_view(), name="assign"),
    path(f"{EPISODE}examine/", Examine.as_view(), name="examine"),
    path(f"{EPISODE}discharge/", Discharge.as_view(), name="discharge"),
    path(f"{EPISODE}measures/", Measures.as_view(), name="measures"),
    path(f"{EPISODE}measures/<uuid:measure>/revoke/", RevokeMeasure.as_view(), name="measure_revoke"),
    path(f"{EPISODE}usual-pain/", UsualPain.as_view(), name="usual_pain"),
    path(f"{EPISODE}gates/", Gates.as_view(), name="gates"),
    path(f"{EPISODE}gates/<uuid:gate>/record/", RecordGate.as_view(), name="gate_record"),
    path(f"{EPISODE}gates/<uuid:gate>/revoke/", RevokeGate.as_view(), name="gate_revoke"),
    path(f"{EPISODE}gates/<uuid:gate>/without/", GoWithoutGate.as_view(), name="gate_without"),
    path(f"{EPISODE}exceptions/", Exceptions.as_view(), name="exceptions"),
    path(f"{EPISODE}exceptions/<uuid:made>/end/", WithdrawException.as_view(), name="exception_end"),
    # The running program
    path(f"{PATIENT}holds/<uuid:hold>/release/", ReleaseHold.as_view(), name="hold_release"),
    path(f"{PATIENT}pause/", Pause.as_view(), name="pause"),
    path(f"{PATIENT}unpause/", Unpause.as_view(), name="unpause"),
    path(f"{PATIENT}phase/", SignOffPhase.as_view(), name="phase_sign_off"),
    path(f"{PATIENT}proposals/<uuid:proposal>/approve/", Approve.as_view(), name="proposal_approve"),
    path(f"{PATIENT}proposals/<uuid:proposal>/decline/", Decline.as_view(), name="proposal_decline"),
    path(f"{PATIENT}proposals/<uuid:proposal>/change/", ChangeProposal.as_view(), name="proposal_change"),
    path(f"{PATIENT}review/", ReviewPhase.as_view(), name="phase_review"),
    path(f"{PATIENT}version/", MoveVersion.as_view(), name="version_move"),
    path(f"{PATIENT}version/undo/", UndoMove.as_view(), name="version_undo"),
    path(f"{PATIENT}builder/", Builder.as_view(), name="builder"),
    path(f"{PATIENT}builder/preview/", BuilderPreview.as_view(), name="builder_preview"),
    path(f"{EXERCISE}off/", TakeOff.as_view(), name="exercise_off"),
    path(EXERCISE, Exercise.as_view(), name="exercise"),
    path(f"{EXERCISE}decisions/", ExerciseDecisions.as_view(), name="exercise_decisions"),
    path(f"{EXERCISE}level/", SetLevel.as_view(), name="exercise_level"),
    path(f"{EXERCISE}dose/", AdjustDose.as_view(), name="exercise_dose"),
    path(f"{EXERCISE}side/", SetSide.as_view(), name="exercise_side"),
    path(f"{EXERCISE}limits/", SetLimits.as_view(), name="exercise_limits"),
    path(f"{EXERCISE}lock/", Lock.as_view(), name="exercise_lock"),
    path(f"{EXERCISE}unlock/", Unlock.as_view(), name="exercise_unlock"),
    path(f"{EXERCISE}swap/", SwapExercise.as_view(), name="exercise_swap"),
    path(f"{EXERCISE}sides/", ChangeSides.as_view(), name="exercise_sides"),
    path(f"{EXERCISE}more/", MoreInstead.as_view(), name="exercise_more"),
    path(f"{EXERCISE}hold/", HoldExercise.as_view(), name="exercise_hold"),
]
