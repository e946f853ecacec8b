"""Who gets which answer, route by route. A route that is not here fails tests/architecture/test_access_table.py.

302 is the way to the sign-in page (or onwards after a deed), 403 a wrong role, 404 an object that is not theirs.
The path of an object is written `pk=Model` (the id of a row of Ana's clinic), `token=Model.field`, `word='literal'`
or, in the admin, `object_id=Self`; `at=/address/` stands for a route without a name.
"""

TABLE = """
#                                           anon ana other dana coll olga theo ravi own  gone nobody
GET  healthz                                200  200 200   200  200  200  200  200  200  200  200
GET  readyz                                 200  200 200   200  200  200  200  200  200  200  200
GET  landing                                302  302 302   302  302  302  302  302  302  302  200
GET  account_login                          200  302 302   302  302  302  302  302  302  200  302
POST account_login                          200  200 200   200  200  200  200  200  200  200  200
GET  sign_in_code                           302  302 302   302  302  302  302  302  302  302  302
POST sign_in_code                           302  302 302   302  302  302  302  302  302  302  302
GET  sign_in_staff                          200  302 302   302  302  302  302  302  302  200  302
POST sign_in_staff                          200  200 200   200  200  200  200  200  200  200  200
GET  sign_in_as pk=User                     405  405 405   405  405  405  405  405  405  405  405
POST sign_in_as pk=User                     404  404 404   404  404  404  404  404  404  404  404
GET  sign_in_link token='x'                 404  404 404   404  404  404  404  404  404  404  404
POST sign_in_link token='x'                 404  404 404   404  404  404  404  404  404  404  404
GET  password_forgotten                     200  200 200   200  200  200  200  200  200  200  200
POST password_forgotten                     200  200 200   200  200  200  200  200  200  200  200
GET  password_link token='x'                404  404 404   404  404  404  404  404  404  404  404
POST password_link token='x'                404  404 404   404  404  404  404  404  404  404  404
GET  end_session pk='1'                     302  405 405   405  405  405  405  405  405  302  405
POST end_session pk='1'                     302  404 404   404  404  404  404  404  404  302  404
# The second step, for staff. What changes it asks again who is there; nobody here has any set up.
GET  mfa_authenticate                       302  302 302   302  302  302  302  302  302  302  302
POST mfa_authenticate                       302  302 302   302  302  302  302  302  302  302  302
GET  mfa_index                              302  403 403   200  200  200  200  200  200  302  403
GET  mfa_activate_totp                      302  403 403   302  302  302  302  302  302  302  403
POST mfa_activate_totp                      302  403 403   302  302  302  302  302  302  302  403
GET  mfa_deactivate_totp                    302  403 403   404  404  404  404  404  404  302  403
POST mfa_deactivate_totp                    302  403 403   404  404  404  404  404  404  302  403
GET  mfa_add_webauthn                       302  403 403   302  302  302  302  302  302  302  403
POST mfa_add_webauthn                       302  403 403   302  302  302  302  302  302  302  403
GET  mfa_remove_webauthn pk='1'                302  403 403   302  302  302  302  302  302  302  403
POST mfa_remove_webauthn pk='1'                302  403 403   302  302  302  302  302  302  302  403
GET  mfa_view_recovery_codes                302  403 403   404  404  404  404  404  404  302  403
GET  mfa_generate_recovery_codes            302  403 403   302  302  302  302  302  302  302  403
POST mfa_generate_recovery_codes            302  403 403   302  302  302  302  302  302  302  403
GET  account_reauthenticate                 302  403 403   200  200  200  200  200  200  302  403
POST account_reauthenticate                 302  403 403   200  200  200  200  200  200  302  403
GET  mfa_reauthenticate                     302  403 403   302  302  302  302  302  302  302  403
POST mfa_reauthenticate                     302  403 403   302  302  302  302  302  302  302  403
GET  mfa_reauthenticate_webauthn            302  403 403   302  302  302  302  302  302  302  403
POST mfa_reauthenticate_webauthn            302  403 403   302  302  302  302  302  302  302  403
# Patients and carers show it by a mailed code.
GET  confirm_by_mail                        302  200 200   302  302  302  302  302  302  302  200
POST confirm_by_mail                        302  200 200   302  302  302  302  302  302  302  200
GET  account_logout                         405  405 405   405  405  405  405  405  405  405  405
POST account_logout                         302  302 302   302  302  302  302  302  302  302  302
GET  invitation pk=Membership token='x'     404  404 404   404  404  404  404  404  404  404  404
POST invitation pk=Membership token='x'     404  404 404   404  404  404  404  404  404  404  404
GET  account                                302  200 200   200  200  200  200  200  200  302  200
POST account                                302  404 404   200  200  200  200  200  200  302  404
POST switch_clinic                          302  404 404   404  404  404  404  404  404  302  404
GET  team                                   302  403 403   403  403  403  403  403  200  302  403
POST team                                   302  403 403   403  403  403  403  403  200  302  403
GET  team_clinic                            302  403 403   403  403  403  403  403  200  302  403
POST team_clinic                            302  403 403   403  403  403  403  403  200  302  403
GET  absence pk=Membership                  302  403 403   200  403  404  403  403  200  302  403
POST absence pk=Membership                  302  403 403   200  403  404  403  403  200  302  403
GET  team_second_factor pk=Membership       302  403 403   403  403  403  403  403  200  302  403
POST team_second_factor pk=Membership       302  403 403   403  403  403  403  403  200  302  403

# The library: trainers and owners of the clinic. An object of another clinic is answered like one that is gone.
GET  admin:index                            302  403 403   403  403  403  200  403  200  302  403
GET  admin:app_list app_label='programs'    302  403 403   403  403  403  200  403  200  302  403
GET  admin:login                            302  302 302   302  302  302  302  302  302  302  302
GET  admin:logout                           302  403 403   403  403  403  405  403  405  302  403
POST admin:logout                           302  403 403   403  403  403  302  403  302  302  403
GET  admin:jsi18n                           302  403 403   403  403  403  200  403  200  302  403
GET  admin:autocomplete                     302  403 403   403  403  403  403  403  403  302  403
GET  admin:*_changelist                     302  403 403   403  403  403  200  403  200  302  403
POST admin:*_changelist                     302  403 403   403  403  403  200  403  200  302  403
GET  admin:*_add                            302  403 403   403  403  403  200  403  200  302  403
POST admin:*_add                            302  403 403   403  403  403  200  403  200  302  403
GET  admin:*_change object_id=Self          302  403 403   403  403  403  200  403  200  302  403
POST admin:*_change object_id=Self          302  403 403   403  403  403  200  403  200  302  403
GET  admin:*_delete object_id=Self          302  403 403   403  403  403  200  403  200  302  403
POST admin:*_delete object_id=Self          302  403 403   403  403  403  200  403  200  302  403
GET  admin:*_history object_id=Self         302  403 403   403  403  403  200  403  200  302  403
GET  admin:programs_ladder_exchange         302  403 403   403  403  403  200  403  200  302  403
POST admin:programs_ladder_exchange         302  403 403   403  403  403  200  403  200  302  403
GET  admin:programs_ladder_yaml             302  403 403   403  403  403  200  403  200  302  403
GET  admin:programs_ladder_csv              302  403 403   403  403  403  200  403  200  302  403
# Phases are made in their version, versions by drafting.
GET  admin:programs_phase_add               302  403 403   403  403  403  403  403  403  302  403
POST admin:programs_phase_add               302  403 403   403  403  403  403  403  403  302  403
GET  admin:programs_phase_delete object_id=Self     302  403 403   403  403  403  403  403  403  302  403
POST admin:programs_phase_delete object_id=Self     302  403 403   403  403  403  403  403  403  302  403
GET  admin:programs_programversion_add      302  403 403   403  403  403  403  403  403  302  403
POST admin:programs_programversion_add      302  403 403   403  403  403  403  403  403  302  403
# A published version is frozen, its phases too.
GET  admin:programs_phase_change object_id=Self             302  403 403   403  403  403  200  403  200  302  403
POST admin:programs_phase_change object_id=Self             302  403 403   403  403  403  403  403  403  302  403
GET  admin:programs_programversion_change object_id=Self    302  403 403   403  403  403  200  403  200  302  403
POST admin:programs_programversion_change object_id=Self    302  403 403   403  403  403  403  403  403  302  403
GET  admin:programs_programversion_delete object_id=Self    302  403 403   403  403  403  403  403  403  302  403
POST admin:programs_programversion_delete object_id=Self    302  403 403   403  403  403  403  403  403  302  403
GET  admin:programs_programversion_preview pk=ProgramVersion    302  403 403   403  403  403  200  403  200  302  403
GET  admin:programs_programversion_compare pk=ProgramVersion    302  403 403   403  403  403  200  403  200  302  403
GET  admin:programs_ladder_retire pk=Ladder                     302  403 403   403  403  403  200  403  200  302  403
POST admin:programs_ladder_retire pk=Ladder                     302  403 403   403  403  403  302  403  302  302  403
GET  admin:programs_level_picture pk=Level                      302  403 403   403  403  403  200  403  200  302  403
POST admin:programs_level_picture pk=Level                      302  403 403   403  403  403  200  403  200  302  403
GET  admin:programs_programtemplate_retire pk=ProgramTemplate   302  403 403   403  403  403  200  403  200  302  403
POST admin:programs_programtemplate_retire pk=ProgramTemplate   302  403 403   403  403  403  302  403  302  302  403
GET  admin:programs_programversion_publish pk=ProgramVersion    302  403 403   403  403  403  200  403  200  302  403
POST admin:programs_programversion_publish pk=ProgramVersion    302  403 403   403  403  403  200  403  200  302  403
GET  admin:programs_programversion_draft pk=ProgramVersion      302  403 403   403  403  403  200  403  200  302  403
POST admin:programs_programversion_draft pk=ProgramVersion      302  403 403   403  403  403  302  403  302  302  403
GET  admin:programs_programversion_retire pk=ProgramVersion     302  403 403   403  403  403  200  403  200  302  403
POST admin:programs_programversion_retire pk=ProgramVersion     302  403 403   403  403  403  302  403  302  302  403
GET  unnamed:admin/(?P<url>.*)$ at=/admin/no/such/page/         302  403 403   403  403  403  404  403  404  302  403
GET  unnamed:admin/programs/* at=/admin/programs/ladder/1/      302  403 403   403  403  403  302  403  302  302  403

# The portal: a patient's own pages, and those of whom they look after. Staff see patients in the workspace.
GET  programs:picture pk=Picture                             302  200 200   200  200  404  200  200  200  302  404
GET  portal:today                                            302  200 200   403  403  403  403  403  403  302  403
GET  portal:choose                                           302  200 200   403  403  403  403  403  403  302  403
GET  portal:progress                                         302  200 200   403  403  403  403  403  403  302  403
GET  portal:program                                          302  200 200   403  403  403  403  403  403  302  403
GET  portal:print_program                                    302  200 200   403  403  403  403  403  403  302  403
GET  portal:program_pdf                                      302  200 200   403  403  403  403  403  403  302  403
GET  portal:messages                                         302  200 200   403  403  403  403  403  403  302  403
GET  portal:settings                                         302  200 200   403  403  403  403  403  403  302  403
GET  portal:report_pain                                      302  200 200   403  403  403  403  403  403  302  403
# Without a program, or with all of it on hold, there is nothing to log, and the way leads back.
GET  portal:session                                          302  302 302   403  403  403  403  403  403  302  403
POST portal:session                                          302  200 302   403  403  403  403  403  403  302  403
POST portal:messages                                         302  200 200   403  403  403  403  403  403  302  403
GET  portal:own_calendar                                     302  200 200   403  403  403  403  403  403  302  403
POST portal:own_calendar                                     302  200 200   403  403  403  403  403  403  302  403
# A calendar signs in nowhere: the secret in the address is the proof, and this one nobody has.
GET  portal:calendar token='x'                               404  404 404   404  404  404  404  404  404  404  404
GET  portal:my_data                                          302  200 200   403  403  403  403  403  403  302  403
POST portal:my_data                                          302  302 302   403  403  403  403  403  403  302  403
GET  portal:address                                          302  302 302   403  403  403  403  403  403  302  403
POST portal:address                                          302  302 302   403  403  403  403  403  403  302  403
GET  portal:confirm_address                                  302  302 302   403  403  403  403  403  403  302  403
POST portal:confirm_address                                  302  302 302   403  403  403  403  403  403  302  403
POST portal:settings                                         302  200 200   403  403  403  403  403  403  302  403
POST portal:report_pain                                      302  200 200   403  403  403  403  403  403  302  403
POST portal:choose                                           302  200 200   403  403  403  403  403  403  302  403
POST portal:pause_mails                                      302  200 200   403  403  403  403  403  403  302  403
POST portal:change_consent                                   302  404 404   403  403  403  403  403  403  302  403
GET  portal:asked_anew                                       302  302 302   403  403  403  403  403  403  302  403
GET  portal:consent pk=Consent                               302  200 404   403  403  403  403  403  403  302  403
GET  portal:session_result pk=Session                        302  200 404   403  403  403  403  403  403  302  403
GET  portal:session_correct pk=Session                       302  200 404   403  403  403  403  403  403  302  403
POST portal:session_correct pk=Session                       302  200 404   403  403  403  403  403  403  302  403
GET  portal:session_take_back pk=Session                     302  200 404   403  403  403  403  403  403  302  403
POST portal:session_take_back pk=Session                     302  302 404   403  403  403  403  403  403  302  403
GET  portal:report_result pk=PainReport                      302  200 404   403  403  403  403  403  403  302  403
GET  portal:check pk=NextDayQuestion                         302  200 404   403  403  403  403  403  403  302  403
POST portal:check pk=NextDayQuestion                         302  200 404   403  403  403  403  403  403  302  403
GET  portal:equipment                                        302  200 200   403  403  403  403  403  403  302  403
POST portal:equipment                                        302  302 302   403  403  403  403  403  403  302  403
GET  portal:swap pk=ProgramItem                              302  302 404   403  403  403  403  403  403  302  403
POST portal:swap pk=ProgramItem                              302  302 404   403  403  403  403  403  403  302  403
POST portal:have_it pk=ProgramItem                           302  404 404   403  403  403  403  403  403  302  403
POST portal:more_instead pk=ProgramItem                      302  302 404   403  403  403  403  403  403  302  403
POST portal:news_read pk=ProgramEvent                        302  302 404   403  403  403  403  403  403  302  403

# The workspace: who cares for patients opens them, who treats changes the plan.
GET  workspace:caseload                                      302  403 403   200  200  200  403  200  200  302  403
POST workspace:caseload                                      302  403 403   302  302  302  403  302  302  302  403
POST workspace:find                                          302  403 403   200  200  200  403  200  200  302  403
GET  workspace:worklist                                      302  403 403   200  200  200  403  403  403  302  403
GET  workspace:triage                                        302  403 403   200  200  200  403  200  200  302  403
GET  workspace:banners                                       302  403 403   200  200  200  403  200  200  302  403
GET  workspace:flag_report                                   302  403 403   200  200  200  403  200  200  302  403
GET  workspace:flag_report_file                              302  403 403   200  200  200  403  200  200  302  403
GET  workspace:flags_routine                                 302  403 403   200  200  200  403  200  200  302  403
POST workspace:flags_routine                                 302  403 403   200  200  200  403  200  200  302  403
# Only where therapists see no more than their own patients: tests/patients/test_emergency.py.
GET  workspace:emergency                                     302  403 403   403  403  403  403  403  403  302  403
POST workspace:emergency                                     302  403 403   403  403  403  403  403  403  302  403
GET  workspace:access_log                                    302  403 403   403  403  403  403  403  200  302  403
POST workspace:access_log                                    302  403 403   403  403  403  403  403  302  302  403
GET  workspace:consent_texts                                 302  403 403   403  403  403  403  403  200  302  403
POST workspace:consent_texts                                 302  403 403   403  403  403  403  403  200  302  403
GET  workspace:member pk=Membership                          302  403 403   403  403  403  403  403  200  302  403
POST workspace:member pk=Membership                          302  403 403   403  403  403  403  403  200  302  403
GET  workspace:member_leaves pk=Membership                   302  403 403   403  403  403  403  403  200  302  403
POST workspace:member_leaves pk=Membership                   302  403 403   403  403  403  403  403  200  302  403
GET  workspace:patient_new                                   302  403 403   200  200  200  403  200  200  302  403
POST workspace:patient_new                                   302  403 403   200  200  200  403  200  200  302  403
GET  workspace:patient pk=Patient                            302  403 403   200  200  404  403  200  200  302  403
GET  workspace:ledger pk=Patient                             302  403 403   200  200  404  403  200  200  302  403
GET  workspace:sheet pk=Patient                              302  403 403   200  200  404  403  200  200  302  403
# These three ask first who is there, as the second step does.
GET  workspace:record_copy pk=Patient                        302  403 403   403  403  403  403  403  302  302  403
POST workspace:record_copy pk=Patient                        302  403 403   403  403  403  403  403  302  302  403
GET  workspace:same_person pk=Patient                        302  403 403   200  200  404  403  200  200  302  403
POST workspace:same_person pk=Patient                        302  403 403   200  200  404  403  200  200  302  403
GET  workspace:merge pk=Patient other=Patient                302  403 403   200  200  404  403  403  200  302  403
POST workspace:merge pk=Patient other=Patient                302  403 403   200  200  404  403  403  200  302  403
GET  workspace:closed                                        302  403 403   403  403  403  403  403  200  302  403
GET  workspace:restrict pk=Patient                           302  403 403   403  403  403  403  403  302  302  403
POST workspace:restrict pk=Patient                           302  403 403   403  403  403  403  403  302  302  403
GET  workspace:reopen pk=Patient                             302  403 403   403  403  403  403  403  302  302  403
POST workspace:reopen pk=Patient                             302  403 403   403  403  403  403  403  302  302  403
GET  workspace:close_account pk=Patient                      302  403 403   403  403  403  403  403  302  302  403
POST workspace:close_account pk=Patient                      302  403 403   403  403  403  403  403  302  302  403
GET  workspace:address pk=Patient                            302  403 403   302  302  404  403  302  302  302  403
POST workspace:address pk=Patient                            302  403 403   302  302  404  403  302  302  302  403
GET  workspace:contact pk=Patient                            302  403 403   200  200  404  403  200  200  302  403
POST workspace:contact pk=Patient                            302  403 403   200  200  404  403  200  200  302  403
GET  workspace:carer_new pk=Patient                          302  403 403   200  200  404  403  200  200  302  403
POST workspace:carer_new pk=Patient                          302  403 403   200  200  404  403  200  200  302  403
GET  workspace:equipment pk=Patient                          302  403 403   200  200  404  403  200  200  302  403
POST workspace:equipment pk=Patient                          302  403 403   302  302  404  403  302  302  302  403
GET  workspace:consents pk=Patient                           302  403 403   200  200  404  403  200  200  302  403
POST workspace:consents pk=Patient                           302  403 403   302  302  404  403  302  302  302  403
GET  workspace:log pk=Patient                                302  403 403   200  200  404  403  200  200  302  403
POST workspace:log pk=Patient                                302  403 403   200  200  404  403  200  200  302  403
GET  workspace:pain pk=Patient                               302  403 403   200  200  404  403  200  200  302  403
POST workspace:pain pk=Patient                               302  403 403   200  200  404  403  200  200  302  403
POST workspace:carer_revoke pk=Patient proxy=Proxy           302  403 403   302  302  404  403  302  302  302  403
GET  workspace:answer pk=Patient question=NextDayQuestion    302  403 403   200  200  404  403  200  200  302  403
POST workspace:answer pk=Patient question=NextDayQuestion    302  403 403   200  200  404  403  200  200  302  403
GET  workspace:sessions pk=Patient                           302  403 403   200  200  404  403  403  403  302  403
GET  workspace:session_correct pk=Patient session=Session    302  403 403   200  200  404  403  403  403  302  403
POST workspace:session_correct pk=Patient session=Session    302  403 403   200  200  404  403  403  403  302  403
GET  workspace:session_take_back pk=Patient session=Session  302  403 403   200  200  404  403  403  403  302  403
POST workspace:session_take_back pk=Patient session=Session  302  403 403   200  200  404  403  403  403  302  403
GET  workspace:messages pk=Patient                           302  403 403   200  200  404  403  403  403  302  403
POST workspace:messages pk=Patient                           302  403 403   200  200  404  403  403  403  302  403
GET  workspace:episode_new pk=Patient                        302  403 403   200  200  404  403  403  403  302  403
POST workspace:episode_new pk=Patient                        302  403 403   200  200  404  403  403  403  302  403
GET  workspace:pause pk=Patient                              302  403 403   200  200  404  403  403  403  302  403
POST workspace:pause pk=Patient                              302  403 403   200  200  404  403  403  403  302  403
POST workspace:unpause pk=Patient                            302  403 403   302  302  404  403  403  403  302  403
POST workspace:phase_sign_off pk=Patient                     302  403 403   302  302  404  403  403  403  302  403
GET  workspace:assign pk=Patient episode=Episode             302  403 403   200  200  404  403  403  403  302  403
POST workspace:assign pk=Patient episode=Episode             302  403 403   200  200  404  403  403  403  302  403
GET  workspace:examine pk=Patient episode=Episode            302  403 403   200  200  404  403  403  403  302  403
POST workspace:examine pk=Patient episode=Episode            302  403 403   200  200  404  403  403  403  302  403
GET  workspace:discharge pk=Patient episode=Episode          302  403 403   200  200  404  403  403  403  302  403
POST workspace:discharge pk=Patient episode=Episode          302  403 403   200  200  404  403  403  403  302  403
GET  workspace:measures pk=Patient episode=Episode           302  403 403   200  200  404  403  403  403  302  403
POST workspace:measures pk=Patient episode=Episode           302  403 403   200  200  404  403  403  403  302  403
POST workspace:measure_revoke pk=Patient episode=Episode measure=Measure 302 403 403 302 302 404 403 403 403 302 403
GET  workspace:usual_pain pk=Patient episode=Episode         302  403 403   200  200  404  403  403  403  302  403
POST workspace:usual_pain pk=Patient episode=Episode         302  403 403   200  200  404  403  403  403  302  403
GET  workspace:gates pk=Patient episode=Episode              302  403 403   200  200  404  403  403  403  302  403
POST workspace:gate_record pk=Patient episode=Episode gate=Gate 302  403 403   302  302  404  403  403  403  302  403
POST workspace:gate_revoke pk=Patient episode=Episode gate=Gate 302  403 403   302  302  404  403  403  403  302  403
GET  workspace:gate_without pk=Patient episode=Episode gate=Gate 302  403 403   302  302  404  403  403  403  302  403
POST workspace:gate_without pk=Patient episode=Episode gate=Gate 302  403 403   200  200  404  403  403  403  302  403
GET  workspace:exceptions pk=Patient episode=Episode         302  403 403   200  200  404  403  403  403  302  403
POST workspace:exceptions pk=Patient episode=Episode         302  403 403   200  200  404  403  403  403  302  403
POST workspace:exception_end pk=Patient episode=Episode made=Allowance 302 403 403 302 302 404 403 403 403 302 403
GET  workspace:hold_release pk=Patient hold=Hold             302  403 403   200  200  404  403  403  403  302  403
POST workspace:hold_release pk=Patient hold=Hold             302  403 403   200  200  404  403  403  403  302  403
POST workspace:proposal_approve pk=Patient proposal=Proposal 302  403 403   302  302  404  403  403  403  302  403
GET  workspace:proposal_decline pk=Patient proposal=Proposal 302  403 403   200  200  404  403  403  403  302  403
POST workspace:proposal_decline pk=Patient proposal=Proposal 302  403 403   200  200  404  403  403  403  302  403
GET  workspace:proposal_change pk=Patient proposal=Proposal  302  403 403   200  200  404  403  403  403  302  403
POST workspace:proposal_change pk=Patient proposal=Proposal  302  403 403   200  200  404  403  403  403  302  403
GET  workspace:phase_review pk=Patient                       302  403 403   200  200  404  403  403  403  302  403
POST workspace:phase_review pk=Patient                       302  403 403   200  200  404  403  403  403  302  403
GET  workspace:programs                                      302  403 403   200  200  200  403  403  403  302  403
GET  workspace:moves pk=ProgramTemplate                      302  403 403   200  200  404  403  403  403  302  403
POST workspace:moves pk=ProgramTemplate                      302  403 403   200  200  404  403  403  403  302  403
# Dry runs on made-up patients are for trainers too; who sees histories stands in tests/patients/test_dry_runs.py.
GET  workspace:dry_runs                                      302  403 403   200  200  200  200  403  200  302  403
GET  workspace:dry_run_new                                   302  403 403   200  200  200  200  403  200  302  403
POST workspace:dry_run_new                                   302  403 403   200  200  200  200  403  200  302  403
GET  workspace:dry_run pk=DryRun                             302  403 403   200  200  404  200  403  200  302  403
POST workspace:dry_run_cancel pk=DryRun                      302  403 403   302  302  404  302  403  302  302  403
GET  workspace:version_move pk=Patient                       302  403 403   200  200  404  403  403  403  302  403
POST workspace:version_move pk=Patient                       302  403 403   200  200  404  403  403  403  302  403
POST workspace:version_undo pk=Patient                       302  403 403   302  302  404  403  403  403  302  403
GET  workspace:builder pk=Patient                            302  403 403   200  200  404  403  403  403  302  403
POST workspace:builder pk=Patient                            302  403 403   302  302  404  403  403  403  302  403
GET  workspace:builder_preview pk=Patient                    302  403 403   200  200  404  403  403  403  302  403
GET  workspace:exercise_off pk=Patient item=ProgramItem      302  403 403   200  200  404  403  403  403  302  403
POST workspace:exercise_off pk=Patient item=ProgramItem      302  403 403   200  200  404  403  403  403  302  403
GET  workspace:exercise pk=Patient item=ProgramItem          302  403 403   200  200  404  403  403  403  302  403
GET  workspace:exercise_decisions pk=Patient item=ProgramItem 302  403 403   200  200  404  403  403  403  302  403
POST workspace:exercise_level pk=Patient item=ProgramItem    302  403 403   200  200  404  403  403  403  302  403
POST workspace:exercise_dose pk=Patient item=ProgramItem     302  403 403   200  200  404  403  403  403  302  403
POST workspace:exercise_side pk=Patient item=ProgramItem     302  403 403   200  200  404  403  403  403  302  403
POST workspace:exercise_limits pk=Patient item=ProgramItem   302  403 403   200  200  404  403  403  403  302  403
POST workspace:exercise_lock pk=Patient item=ProgramItem     302  403 403   200  200  404  403  403  403  302  403
GET  workspace:exercise_swap pk=Patient item=ProgramItem     302  403 403   200  200  404  403  403  403  302  403
POST workspace:exercise_swap pk=Patient item=ProgramItem     302  403 403   200  200  404  403  403  403  302  403
GET  workspace:exercise_sides pk=Patient item=ProgramItem    302  403 403   200  200  404  403  403  403  302  403
POST workspace:exercise_sides pk=Patient item=ProgramItem    302  403 403   200  200  404  403  403  403  302  403
POST workspace:exercise_more pk=Patient item=ProgramItem     302  403 403   302  302  404  403  403  403  302  403
POST workspace:exercise_hold pk=Patient item=ProgramItem     302  403 403   200  200  404  403  403  403  302  403
POST workspace:exercise_unlock pk=Patient item=ProgramItem   302  403 403   302  302  404  403  403  403  302  403
GET  workspace:flag pk=PainFlag                              302  403 403   200  200  404  403  200  200  302  403
POST workspace:flag_take pk=PainFlag                         302  403 403   302  302  404  403  302  302  302  403
POST workspace:flag_contact pk=PainFlag                      302  403 403   200  200  404  403  200  200  302  403
POST workspace:flag_snooze pk=PainFlag                       302  403 403   200  200  404  403  200  200  302  403
POST workspace:flag_resolve pk=PainFlag                      302  403 403   200  200  404  403  200  200  302  403
POST workspace:flag_message pk=PainFlag                      302  403 403   200  200  404  403  403  403  302  403

# The API: the same doors for devices. 401 is nobody, 400 an empty deed by somebody who may do it.
GET  api:today                                               401  200 200   403  403  403  403  403  403  401  403
GET  api:sessions                                            401  200 200   403  403  403  403  403  403  401  403
GET  api:questions                                           401  200 200   403  403  403  403  403  403  401  403
POST api:sessions                                            401  400 400   403  403  403  403  403  403  401  403
POST api:pain_reports                                        401  400 400   403  403  403  403  403  403  401  403
GET  api:session pk=Session                                  401  200 404   403  403  403  403  403  403  401  403
POST api:answer pk=NextDayQuestion                           401  400 404   403  403  403  403  403  403  401  403
POST api:session_correct pk=Session                          401  400 404   403  403  403  403  403  403  401  403
POST api:session_take_back pk=Session                        401  200 404   403  403  403  403  403  403  401  403
GET  api:flags                                               401  403 403   200  200  200  403  200  200  401  403
GET  api:caseload                                            401  403 403   200  200  200  403  200  200  401  403
GET  api:flag pk=PainFlag                                    401  403 403   200  200  404  403  200  200  401  403
GET  api:proposals                                           401  403 403   200  200  200  403  403  403  401  403
POST api:proposal_approve pk=Proposal                        401  403 403   422  422  404  403  403  403  401  403
POST api:proposal_change pk=Proposal                         401  403 403   400  400  404  403  403  403  401  403
POST api:proposal_decline pk=Proposal                        401  403 403   400  400  404  403  403  403  401  403
POST api:flag_take pk=PainFlag                               401  403 403   200  409  404  403  409  409  401  403
POST api:flag_contact pk=PainFlag                            401  403 403   400  400  404  403  400  400  401  403
POST api:flag_resolve pk=PainFlag                            401  403 403   400  400  404  403  400  400  401  403
GET  api:devices                                             401  200 200   200  200  200  200  200  200  401  200
POST api:devices                                             401  400 400   400  400  400  400  400  400  401  400
DELETE api:device pk=DeviceToken                               401  204 404   404  404  404  404  404  404  401  404
GET  api:schema                                              401  200 200   200  200  200  200  200  200  401  200
GET  api:docs                                                302  200 200   200  200  200  200  200  200  302  200

# The post: what went out is for those who care; a link to unsubscribe works for whoever has it.
GET  reminders:outbox                                        302  403 403   200  200  200  403  200  200  302  403
GET  reminders:status                                        302  403 403   200  200  200  403  200  200  302  403
GET  reminders:local                                         404  404 404   404  404  404  404  404  404  404  404
GET  reminders:unsubscribe token=Subscription.token          200  200 200   200  200  200  200  200  200  200  200
POST reminders:unsubscribe token=Subscription.token          200  200 200   200  200  200  200  200  200  200  200

# The trial form is open to strangers. Where a clinic takes no trials the page says so.
GET  intake:ask slug=Clinic.slug            200  200 200   200  200  200  200  200  200  200  200
POST intake:ask slug=Clinic.slug            200  200 200   200  200  200  200  200  200  200  200
GET  intake:thanks slug=Clinic.slug         200  200 200   200  200  200  200  200  200  200  200
GET  reminders:confirm token='x'            404  404 404   404  404  404  404  404  404  404  404
POST reminders:confirm token='x'            404  404 404   404  404  404  404  404  404  404  404

# Trials: who cares for patients sees the board, therapists decide, licensed ones accept.
GET  workspace:trials                               302  403 403   200  200  200  403  200  200  302  403
GET  workspace:trial pk=TrialRequest                302  403 403   200  200  404  403  200  200  302  403
GET  workspace:trial_accept pk=TrialRequest         302  403 403   200  200  404  403  403  403  302  403
POST workspace:trial_accept pk=TrialRequest         302  403 403   200  200  404  403  403  403  302  403
GET  workspace:trial_decline pk=TrialRequest        302  403 403   200  200  404  403  403  403  302  403
POST workspace:trial_decline pk=TrialRequest        302  403 403   200  200  404  403  403  403  302  403
GET  workspace:trial_book pk=TrialRequest           302  403 403   200  200  404  403  200  200  302  403
POST workspace:trial_book pk=TrialRequest           302  403 403   200  200  404  403  200  200  302  403
GET  workspace:trial_missed pk=TrialRequest         302  403 403   200  200  404  403  200  200  302  403
POST workspace:trial_missed pk=TrialRequest         302  403 403   200  200  404  403  200  200  302  403
GET  workspace:trial_audit pk=TrialRequest          302  403 403   200  200  404  403  403  403  302  403
POST workspace:trial_audit pk=TrialRequest          302  403 403   200  200  404  403  403  403  302  403
GET  workspace:trial_start pk=TrialRequest          302  403 403   200  200  404  403  403  403  302  403
POST workspace:trial_start pk=TrialRequest          302  403 403   200  200  404  403  403  403  302  403
GET  workspace:trial_extend pk=TrialRequest         302  403 403   200  200  404  403  403  403  302  403
POST workspace:trial_extend pk=TrialRequest         302  403 403   200  200  404  403  403  403  302  403
GET  workspace:trial_convert pk=TrialRequest        302  403 403   200  200  404  403  403  403  302  403
POST workspace:trial_convert pk=TrialRequest        302  403 403   200  200  404  403  403  403  302  403
GET  workspace:trial_end pk=TrialRequest            302  403 403   200  200  404  403  403  403  302  403
POST workspace:trial_end pk=TrialRequest            302  403 403   200  200  404  403  403  403  302  403
"""
