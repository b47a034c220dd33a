-- 赛马: who goes on after the checkpoint of a round; and the day on which an expert left.

alter table policy.opencall_round add column race json;
alter table policy.opencall_expert add column left_on date, add column forgotten_on date;
update policy.opencall_expert set left_on = updated_at::date where state = 'left';
