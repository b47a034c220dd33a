-- By it the terms of a settlement choose how VAT is taken out of what a cinema took.
alter table exhibition.cinema add column taxpayer text
  check (taxpayer in ('general', 'small_scale'));
