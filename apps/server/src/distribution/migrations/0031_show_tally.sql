-- A board over millions of shows: whose board a show stands on is kept with the show, and how many
-- shows of each light begin in each hour on each board is counted as they change.

alter table distribution.show add column actor_id uuid;
alter table distribution.show add column circuit_actor_id uuid;
-- Neither the cinema nor its circuit is on the network: whoever keeps its record acts for it.
alter table distribution.show add column kept boolean not null default false;

create function distribution.set_show_actors() returns trigger language plpgsql as $$
begin
  select coalesce(cinema.organisation_id,
      case when circuit.organisation_id is null then cinema.keeper_id end),
    nullif(circuit.organisation_id, cinema.organisation_id),
    cinema.organisation_id is null and circuit.organisation_id is null
  into new.actor_id, new.circuit_actor_id, new.kept
  from exhibition.cinema left join exhibition.circuit on circuit.id = cinema.circuit_id
  where cinema.id = new.cinema_id;
  return new;
end $$;
create trigger show_actors before insert or update of cinema_id on distribution.show
  for each row execute function distribution.set_show_actors();

-- Naming a show's cinema again looks its actors up again.
create function distribution.follow_cinema() returns trigger language plpgsql as $$
begin
  update distribution.show set cinema_id = cinema_id
  where cinema_id = new.id and ends_at > now() - interval '1 day';
  return null;
end $$;
create trigger show_follows_cinema
  after update of organisation_id, circuit_id, keeper_id on exhibition.cinema for each row
  when ((old.organisation_id, old.circuit_id, old.keeper_id)
    is distinct from (new.organisation_id, new.circuit_id, new.keeper_id))
  execute function distribution.follow_cinema();

create function distribution.follow_circuit() returns trigger language plpgsql as $$
begin
  update distribution.show set cinema_id = show.cinema_id from exhibition.cinema
  where cinema.id = show.cinema_id and cinema.circuit_id = new.id
    and show.ends_at > now() - interval '1 day';
  return null;
end $$;
create trigger show_follows_circuit after update of organisation_id on exhibition.circuit
  for each row when (old.organisation_id is distinct from new.organisation_id)
  execute function distribution.follow_circuit();

-- Sums per board and hour. A writer is a connection to the database: each adds to rows of its own,
-- so that nobody waits for anybody; a reader adds up the writers.
create table distribution.show_tally (
  scope uuid not null,
  hour timestamptz not null,
  worst smallint not null,
  writer integer not null,
  shows bigint not null,
  primary key (scope, hour, worst, writer)
);
create index show_tally_by_hour on distribution.show_tally (hour);

-- What a keeper who distributes the film itself would count twice.
create function distribution.kept_scope(film uuid, keeper uuid) returns uuid
  language sql immutable strict parallel safe as $$
  select md5(film::text || keeper::text)::uuid
$$;

create function distribution.tally_scopes(film uuid, actor uuid, circuit_actor uuid, kept boolean)
  returns uuid[] language sql immutable parallel safe as $$
  select array_remove(array[film, actor, circuit_actor,
    case when kept then distribution.kept_scope(film, actor) end], null)
$$;

create function distribution.tally_inserted() returns trigger language plpgsql as $$
begin
  insert into distribution.show_tally as tally (scope, hour, worst, writer, shows)
  select scope, date_trunc('hour', starts_at, 'UTC'), worst, pg_backend_pid(), count(*)
  from added, unnest(distribution.tally_scopes(film_id, actor_id, circuit_actor_id, kept)) as scope
  group by 1, 2, 3
  on conflict (scope, hour, worst, writer) do update set shows = tally.shows + excluded.shows;
  return null;
end $$;
create trigger show_tally_inserted after insert on distribution.show
  referencing new table as added for each statement
  execute function distribution.tally_inserted();

create function distribution.tally_deleted() returns trigger language plpgsql as $$
begin
  insert into distribution.show_tally as tally (scope, hour, worst, writer, shows)
  select scope, date_trunc('hour', starts_at, 'UTC'), worst, pg_backend_pid(), -count(*)
  from gone, unnest(distribution.tally_scopes(film_id, actor_id, circuit_actor_id, kept)) as scope
  group by 1, 2, 3
  on conflict (scope, hour, worst, writer) do update set shows = tally.shows + excluded.shows;
  return null;
end $$;
create trigger show_tally_deleted after delete on distribution.show
  referencing old table as gone for each statement
  execute function distribution.tally_deleted();

create function distribution.tally_updated() returns trigger language plpgsql as $$
begin
  insert into distribution.show_tally as tally (scope, hour, worst, writer, shows)
  select scope, date_trunc('hour', starts_at, 'UTC'), worst, pg_backend_pid(), sum(sign)
  from (
    select after.film_id, after.actor_id, after.circuit_actor_id, after.kept, after.starts_at,
      after.worst, 1 as sign
    from after join before using (id)
    where (after.film_id, after.actor_id, after.circuit_actor_id, after.kept, after.starts_at,
        after.worst)
      is distinct from (before.film_id, before.actor_id, before.circuit_actor_id, before.kept,
        before.starts_at, before.worst)
    union all
    select before.film_id, before.actor_id, before.circuit_actor_id, before.kept,
      before.starts_at, before.worst, -1
    from after join before using (id)
    where (after.film_id, after.actor_id, after.circuit_actor_id, after.kept, after.starts_at,
        after.worst)
      is distinct from (before.film_id, before.actor_id, before.circuit_actor_id, before.kept,
        before.starts_at, before.worst)
  ) as changed,
  unnest(distribution.tally_scopes(film_id, actor_id, circuit_actor_id, kept)) as scope
  group by 1, 2, 3 having sum(sign) <> 0
  on conflict (scope, hour, worst, writer) do update set shows = tally.shows + excluded.shows;
  return null;
end $$;
create trigger show_tally_updated after update on distribution.show
  referencing old table as before new table as after for each statement
  execute function distribution.tally_updated();

-- Actors and sums of all shows anew, for what was stored without the rules above.
create function distribution.tally_anew() returns void language plpgsql as $$
begin
  lock table distribution.show, distribution.show_tally in share row exclusive mode;
  alter table distribution.show disable trigger user;
  update distribution.show set
    actor_id = coalesce(cinema.organisation_id,
      case when circuit.organisation_id is null then cinema.keeper_id end),
    circuit_actor_id = nullif(circuit.organisation_id, cinema.organisation_id),
    kept = cinema.organisation_id is null and circuit.organisation_id is null
  from exhibition.cinema left join exhibition.circuit on circuit.id = cinema.circuit_id
  where cinema.id = show.cinema_id and show.actor_id is null and show.circuit_actor_id is null;
  alter table distribution.show enable trigger user;
  delete from distribution.show_tally;
  insert into distribution.show_tally (scope, hour, worst, writer, shows)
  select scope, date_trunc('hour', starts_at, 'UTC'), worst, 0, count(*) from distribution.show,
    unnest(distribution.tally_scopes(film_id, actor_id, circuit_actor_id, kept)) as scope
  group by 1, 2, 3;
end $$;
select distribution.tally_anew();

create index show_by_actor on distribution.show (actor_id, worst, starts_at, id)
  include (film_id);
create index show_by_circuit_actor on distribution.show (circuit_actor_id, worst, starts_at, id)
  include (film_id) where circuit_actor_id is not null;
