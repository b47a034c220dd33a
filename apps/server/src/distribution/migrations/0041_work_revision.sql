-- What the boxes of a cinema are told changes with bookings, keys, programmes and packages. Each
-- change counts here, and a box that knows the count is told nothing. A writer is a connection to
-- the database: each adds to rows of its own, so that nobody waits for anybody; a reader adds up
-- the writers. Writer 0 has what ended connections left.
create table distribution.work_revision (
  cinema_id uuid not null,
  writer integer not null,
  revision bigint not null,
  primary key (cinema_id, writer)
);

create function distribution.touch_work(cinemas uuid[]) returns void language sql as $$
  insert into distribution.work_revision as held (cinema_id, writer, revision)
  select cinema, pg_backend_pid(), 1
  from (select distinct unnest(cinemas) as cinema) as touched where cinema is not null
  on conflict (cinema_id, writer) do update set revision = held.revision + 1
$$;

-- Rows that name their cinema.
create function distribution.touch_by_cinema() returns trigger language plpgsql as $$
begin
  perform distribution.touch_work((select array_agg(distinct cinema_id) from changed));
  return null;
end $$;
create trigger booking_touches_on_insert after insert on distribution.booking
  referencing new table as changed for each statement
  execute function distribution.touch_by_cinema();
create trigger booking_touches_on_update after update on distribution.booking
  referencing new table as changed for each statement
  execute function distribution.touch_by_cinema();
create trigger booking_touches_on_delete after delete on distribution.booking
  referencing old table as changed for each statement
  execute function distribution.touch_by_cinema();
-- A programme is taken out and put in anew; the lights of its shows are no box's business.
create trigger show_touches_on_insert after insert on distribution.show
  referencing new table as changed for each statement
  execute function distribution.touch_by_cinema();
create trigger show_touches_on_delete after delete on distribution.show
  referencing old table as changed for each statement
  execute function distribution.touch_by_cinema();
create trigger steer_touches_on_insert after insert on distribution.delivery_steer
  referencing new table as changed for each statement
  execute function distribution.touch_by_cinema();
create trigger steer_touches_on_update after update on distribution.delivery_steer
  referencing new table as changed for each statement
  execute function distribution.touch_by_cinema();

create function distribution.touch_by_screen() returns trigger language plpgsql as $$
begin
  perform distribution.touch_work((select array_agg(distinct screen.cinema_id)
    from changed join exhibition.screen on screen.id = changed.screen_id));
  return null;
end $$;
create trigger key_touches_on_insert after insert on distribution.key
  referencing new table as changed for each statement
  execute function distribution.touch_by_screen();
create trigger key_touches_on_update after update on distribution.key
  referencing new table as changed for each statement
  execute function distribution.touch_by_screen();

-- A package concerns whoever booked its film, and whoever holds it still.
create function distribution.touch_by_package() returns trigger language plpgsql as $$
begin
  perform distribution.touch_work((select array_agg(distinct cinema_id) from (
    select booking.cinema_id from changed
    join distribution.booking on booking.film_id = changed.film_id
    union all
    select site.cinema_id from changed
    join distribution.site_package on site_package.package_id = changed.id
    join distribution.site on site.id = site_package.site_id) as concerned));
  return null;
end $$;
create trigger package_touches_on_update after update on distribution.package
  referencing new table as changed for each statement
  execute function distribution.touch_by_package();

-- A box that gives, or gives no more, is named to the others of its cinema or circuit. Its signs of
-- life change nothing.
create function distribution.touch_by_site() returns trigger language plpgsql as $$
begin
  perform distribution.touch_work((select array_agg(other.id)
    from exhibition.cinema join exhibition.cinema as other on other.id = cinema.id
      or new.for_circuit and other.circuit_id = cinema.circuit_id
    where cinema.id = new.cinema_id));
  return null;
end $$;
create trigger site_touches after update of share_url, revoked_at, for_circuit on distribution.site
  for each row when ((old.share_url, old.revoked_at, old.for_circuit)
    is distinct from (new.share_url, new.revoked_at, new.for_circuit))
  execute function distribution.touch_by_site();

create function distribution.touch_by_place() returns trigger language plpgsql as $$
begin
  perform distribution.touch_work(array[case tg_table_name
    when 'cinema' then new.id else (to_jsonb(new)->>'cinema_id')::uuid end]);
  return null;
end $$;
create trigger cinema_touches after update of name, time_zone, circuit_id on exhibition.cinema
  for each row when ((old.name, old.time_zone, old.circuit_id)
    is distinct from (new.name, new.time_zone, new.circuit_id))
  execute function distribution.touch_by_place();
create trigger screen_touches after update of name on exhibition.screen
  for each row when (old.name is distinct from new.name)
  execute function distribution.touch_by_place();
