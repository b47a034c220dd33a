-- Objections as cases: what each is against in the words of its notice, by when it is answered,
-- what came of it, and a receipt by which whoever made it finds the answer without signing in.

alter table policy.call add column objection_days integer not null default 15
  check (objection_days > 0);

alter table policy.objection
  add column about text not null default '',
  add column answer_by date,
  add column outcome text check (outcome in ('sustained', 'partly', 'dismissed')),
  add column token_hash text unique;
alter table policy.register_objection
  add column about text not null default '',
  add column answer_by date,
  add column outcome text check (outcome in ('sustained', 'partly', 'dismissed')),
  add column token_hash text unique;
alter table policy.opencall_objection
  add column about text not null default '',
  add column answer_by date,
  add column outcome text check (outcome in ('sustained', 'partly', 'dismissed')),
  add column token_hash text unique;

create index objection_by_user on policy.objection (user_id, at desc);
create index register_objection_by_user on policy.register_objection (user_id, at desc);
create index opencall_objection_by_user on policy.opencall_objection (user_id, at desc);

create view policy.objection_case as
  select 'claim' as kind, objection.id, claim_id as subject_id, call.department_id, user_id,
    text, at, about, answer_by, outcome, answer, answered_at, token_hash
  from policy.objection as objection
  join policy.claim as claim on claim.id = objection.claim_id
  join policy.call as call on call.id = claim.call_id
  union all
  select 'entry', objection.id, entry_id, register.department_id, user_id,
    text, at, about, answer_by, outcome, answer, answered_at, token_hash
  from policy.register_objection as objection
  join policy.register_entry as entry on entry.id = objection.entry_id
  join policy.register as register on register.id = entry.register_id
  union all
  select kind, id, subject_id, department_id, user_id,
    text, at, about, answer_by, outcome, answer, answered_at, token_hash
  from policy.opencall_objection;
