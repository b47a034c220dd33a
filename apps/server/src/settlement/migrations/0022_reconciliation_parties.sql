-- A reconciliation holds any number of parties against the first, each in its role.
alter table settlement.reconciliation add column parties json;
update settlement.reconciliation set parties = json_build_array(
  json_build_object('name', reference_name, 'role', 'ticketing', 'reports', reference_reports),
  json_build_object('name', other_name, 'role', 'circuit', 'reports', other_reports));
alter table settlement.reconciliation alter column parties set not null;
alter table settlement.reconciliation drop column reference_reports;
alter table settlement.reconciliation drop column other_reports;
alter table settlement.reconciliation drop column reference_name;
alter table settlement.reconciliation drop column other_name;
