-- By time alone a planner walks over the shows of everybody to find those of one board. Only the
-- alarms look at all of them, and only at the red ones.

drop index distribution.show_by_time;
create index show_red_by_time on distribution.show (starts_at) where worst = 2;
