"""Where else than in its path a request names a row: query parameters, fields of forms and of the API, one header.

`role METHOD route path… | name=Model … → what becomes of the other clinic's id`: a status; `error`, where the answer
names the field; `ignored`, where it is the one that comes without it; `draft`, where what was typed is kept and nothing
of theirs taken. Literals fill the other fields of a body; a dot leads inside (`exercises.0.item`), `{Model}` stands for
an id in a longer text, X-Clinic is the header.
"""

QUERIES = """
owner GET  workspace:access_log | person=User → error
owner GET  workspace:access_log | patient=Patient → ignored
dana  GET  workspace:triage | open=PainFlag → ignored
dana  GET  workspace:flag pk=PainFlag | open=PainFlag → ignored
dana  GET  workspace:dry_run_new | version=ProgramVersion → ignored
dana  GET  workspace:builder pk=Patient | for=Episode → ignored
ana   GET  portal:session | id=Session → ignored
ana   GET  portal:session | only=ProgramItem → ignored
ana   GET  portal:report_pain | about=ProgramItem → ignored
theo  GET  admin:programs_programversion_compare pk=ProgramVersion | with=ProgramVersion → ignored
ana   GET  api:today | patient=Patient → 404
ana   GET  api:sessions | patient=Patient → 404
ana   GET  api:questions | patient=Patient → 404
dana  GET  api:flags | X-Clinic=Clinic → 404
dana  GET  api:flag pk=PainFlag | X-Clinic=Clinic → 404
dana  GET  api:caseload | X-Clinic=Clinic → 404
dana  GET  api:proposals | X-Clinic=Clinic → 404
"""

BODIES = """
dana  POST absence pk=Membership | substitute=User → error
dana  POST switch_clinic | clinic=Clinic → 404
ana   POST portal:choose | patient=Patient → ignored
ana   POST portal:report_pain | pain='3' about=ProgramItem → error
ana   POST portal:session | client_id=Session → 200
ana   POST portal:session | client_id='{New}' {ProgramItem}-skipped='' {ProgramItem}-both-1='9' → 200
ana   POST portal:session_correct pk=Session | client_id=Session → 200
ana   POST portal:session_correct pk=Session | client_id='{New}' {ProgramItem}-skipped='' {ProgramItem}-both-1='9' → 200
ravi  POST workspace:trial_book pk=TrialRequest | at='2036-03-03T10:00' by=User → error
dana  POST workspace:patient_new | name='New' owner=User → error
dana  POST workspace:contact pk=Patient | name='Ana' owner=User → error
owner POST workspace:member pk=Membership | roles='desk' to=User → error
owner POST workspace:member_leaves pk=Membership | to=User → error
owner POST workspace:access_log | person=User → error
dana  POST workspace:flags_routine | code='resolved' note='x' flags=PainFlag → error
dana  POST workspace:assign pk=Patient episode=Episode | version=ProgramVersion → error
dana  POST workspace:moves pk=ProgramTemplate | program=Program → ignored
dana  POST workspace:dry_run_new | kind='people' weeks='2' each='1' version=ProgramVersion → error
dana  POST workspace:builder pk=Patient | do='add:{LadderVersion}' → draft
dana  POST workspace:builder pk=Patient | do='take' program=ProgramVersion → draft
dana  POST workspace:builder pk=Patient | do='clear' for=Episode → draft
dana  POST workspace:pain pk=Patient | pain='3' item=ProgramItem → error
dana  POST workspace:log pk=Patient | source='phone' client_id=Session → 200
dana  POST workspace:log pk=Patient | source='phone' client_id='{New}' \
  {ProgramItem}-skipped='' {ProgramItem}-both-1='9' → 200
dana  POST workspace:session_correct pk=Patient session=Session | reason='x' client_id=Session → 200
dana  POST workspace:session_correct pk=Patient session=Session | reason='x' client_id='{New}' \
  {ProgramItem}-skipped='' {ProgramItem}-both-1='9' → 200
ana   POST api:sessions | patient=Patient id='{New}' exercises='[]' → 404
ana   POST api:sessions | id=Session exercises='[]' → 409
ana   POST api:sessions | id='{New}' exercises.0.item=ProgramItem → error
ana   POST api:pain_reports | patient=Patient pain='3' → 404
ana   POST api:pain_reports | item=ProgramItem pain='3' → 404
ana   POST api:session_correct pk=Session | id=Session exercises='[]' → 409
ana   POST api:session_correct pk=Session | id='{New}' exercises.0.item=ProgramItem → error
dana  POST api:flag_take pk=PainFlag | X-Clinic=Clinic → 404
dana  POST api:flag_contact pk=PainFlag | X-Clinic=Clinic → 404
dana  POST api:flag_resolve pk=PainFlag | X-Clinic=Clinic → 404
dana  POST api:proposal_approve pk=Proposal | X-Clinic=Clinic → 404
dana  POST api:proposal_change pk=Proposal | X-Clinic=Clinic → 404
dana  POST api:proposal_decline pk=Proposal | X-Clinic=Clinic → 404
theo  POST admin:programs_ladder_change object_id=Ladder | title='T' kind='strength' region='posterior_thigh_hip' \
  levels-TOTAL_FORMS='1' levels-INITIAL_FORMS='1' levels-0-id=Level → 200
theo  POST admin:programs_ladder_change object_id=Ladder | title='T' kind='strength' region='posterior_thigh_hip' \
  levels-TOTAL_FORMS='1' levels-INITIAL_FORMS='0' levels-0-ladder=Ladder → error
theo  POST admin:programs_programtemplate_change object_id=ProgramTemplate | \
  versions-TOTAL_FORMS='1' versions-INITIAL_FORMS='1' \
  versions-0-id=ProgramVersion versions-0-template=ProgramTemplate → 200
theo  POST admin:programs_programversion_change object_id=ProgramVersion | \
  phases-0-id=Phase phases-0-version=ProgramVersion → 403
theo  POST admin:programs_phase_change object_id=Phase | items-0-id=PhaseItem items-0-phase=Phase → 403
"""

# What the doors read from an address beside those: a page, a view of a list, words, the way back.
WORDS = {"page", "q", "view", "show", "tab", "all", "earlier", "urgent", "to-decide", "next"}

# What the API's questions and bodies read as ids. NewSession.id and Correction.id name a session that may exist.
API_IDS = {
    ("OfPatient", "patient"),
    ("NewExercise", "item"),
    ("NewSession", "patient"),
    ("NewSession", "id"),
    ("Correction", "id"),
    ("NewReport", "patient"),
    ("NewReport", "item"),
}
