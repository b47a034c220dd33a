import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seeded } from '../support/seeded.ts';
import { createTestServer, type TestPerson, type TestServer } from '../support/server.ts';

const LIGHTS = ['green', 'amber', 'red'] as const;
const HOUR_MS = 3_600_000;
const SHOWS = 600;
const CHANGES = Number(process.env['YINGLIAN_BOARD_CHANGES'] ?? 12);
const SEED = Number(process.env['YINGLIAN_BOARD_SEED'] ?? 7);

type Cinema = { id: string; circuit: string | null; organisation: string | null; keeper: string };
type Circuit = { id: string; organisation: string | null };
type Show = { id: string; cinema: Cinema; film: string | null; at: number; worst: number };

describe('the board over many shows', () => {
  let server: TestServer;
  let people: TestPerson[] = [];
  const random = seeded(SEED);
  const pick = <Each>(list: readonly Each[]): Each => list[Math.floor(random() * list.length)]!;
  const circuits: Circuit[] = [];
  const cinemas: Cinema[] = [];
  const films: { id: string; by: string }[] = [];
  let shows: Show[] = [];
  const screens = new Map<string, string>();
  const database = () => server.network.running.kernel.database;

  beforeAll(async () => {
    server = await createTestServer();
    people = [
      await server.newOrganisation('distributor'),
      await server.newOrganisation('circuit'),
      await server.newOrganisation('cinema'),
      await server.newOrganisation('distributor'),
    ];
    const ids = people.map((each) => each.organisationId);
    // The first distributor keeps the register too; the third organisation has one film of its own.
    for (const by of [ids[0]!, ids[0]!, ids[3]!, ids[2]!]) {
      const id = randomUUID();
      films.push({ id, by });
      await sql`insert into film.film (id, owner_id, title)
        values (${id}, ${by}, 'F')`.execute(database());
      await sql`insert into distribution.release (id, organisation_id, film_id, plan)
        values (${randomUUID()}, ${by}, ${id}, '{}')`.execute(database());
    }
    for (const organisation of [null, ids[1]!]) {
      const id = randomUUID();
      circuits.push({ id, organisation });
      await sql`insert into exhibition.circuit (id, keeper_id, name, organisation_id)
        values (${id}, ${ids[0]}, 'C', ${organisation})`.execute(database());
    }
    for (let n = 0; n < 8; n++) await addCinema(ids);
    await addShows();
  });
  afterAll(() => server.close());

  async function addCinema(ids: string[]): Promise<void> {
    const id = randomUUID();
    const cinema = {
      id,
      circuit: pick([null, ...circuits.map((each) => each.id)]),
      organisation: pick([null, null, ids[2]!, ids[1]!]),
      keeper: ids[0]!,
    };
    cinemas.push(cinema);
    await sql`insert into exhibition.cinema (id, keeper_id, name, circuit_id, organisation_id)
      values (${id}, ${cinema.keeper}, ${`影院 ${id}`}, ${cinema.circuit}, ${cinema.organisation})
    `.execute(database());
    const screen = randomUUID();
    screens.set(id, screen);
    await sql`insert into exhibition.screen (id, cinema_id, name)
      values (${screen}, ${id}, '1')`.execute(database());
  }

  async function addShows(): Promise<void> {
    const now = Date.now();
    shows = Array.from({ length: SHOWS }, () => ({
      id: randomUUID(),
      cinema: pick(cinemas),
      film: pick([null, ...films.map((each) => each.id)]),
      at: now + Math.floor((random() * 100 - 10) * HOUR_MS),
      worst: Math.floor(random() * 3),
    }));
    const rows = shows.map((each) => ({
      ...each,
      cinema: each.cinema.id,
      screen: screens.get(each.cinema.id),
      at: new Date(each.at).toISOString(),
    }));
    await sql`
      insert into distribution.show
        (id, cinema_id, screen_id, film_id, title, starts_at, ends_at, worst)
      select (each->>'id')::uuid, (each->>'cinema')::uuid, (each->>'screen')::uuid,
        (each->>'film')::uuid, '', (each->>'at')::timestamptz,
        (each->>'at')::timestamptz + interval '2 hours', (each->>'worst')::smallint
      from json_array_elements(${JSON.stringify(rows)}::json) as each`.execute(database());
  }

  const seenBy = (organisation: string, show: Show): boolean => {
    const { cinema } = show;
    const circuit = circuits.find((each) => each.id === cinema.circuit)?.organisation ?? null;
    return (
      films.some((each) => each.id === show.film && each.by === organisation) ||
      cinema.organisation === organisation ||
      circuit === organisation ||
      (cinema.organisation === null && circuit === null && cinema.keeper === organisation)
    );
  };

  type Query = { hours: number; limit: number; filmId?: string; cinemaId?: string; worst?: 'red' };

  /** The board as the shows themselves say, without index or sum. */
  async function compare(person: TestPerson, query: Query): Promise<void> {
    const board = await person.client.shows.board({ query });
    const [from, until] = [Date.parse(board.from), Date.parse(board.until)];
    const seen = shows.filter(
      (each) =>
        each.at >= from &&
        each.at < until &&
        seenBy(person.organisationId, each) &&
        (query.filmId === undefined || each.film === query.filmId) &&
        (query.cinemaId === undefined || each.cinema.id === query.cinemaId),
    );
    const count = (worst: number) => seen.filter((each) => each.worst === worst).length;
    const label = `${people.indexOf(person)} ${JSON.stringify(query)}`;
    expect([board.green, board.amber, board.red], label).toEqual([count(0), count(1), count(2)]);
    const listed = seen
      .filter((each) => query.worst === undefined || LIGHTS[each.worst] === query.worst)
      .toSorted((a, b) => b.worst - a.worst || a.at - b.at || (a.id < b.id ? -1 : 1));
    expect(
      board.rows.map((each) => each.id),
      label,
    ).toEqual(listed.slice(0, query.limit).map((each) => each.id));
  }

  async function compareAll(): Promise<void> {
    for (const person of people) {
      await compare(person, { hours: 72, limit: 100 });
      await compare(person, { hours: pick([1, 5, 200]), limit: 500 });
      await compare(person, { hours: 72, limit: 20, worst: 'red' });
      await compare(person, { hours: 48, limit: 500, filmId: pick(films).id });
      await compare(person, { hours: 90, limit: 500, cinemaId: pick(cinemas).id });
      const both = { filmId: pick(films).id, cinemaId: pick(cinemas).id };
      await compare(person, { hours: 90, limit: 500, ...both });
    }
  }

  /** One change that somebody makes to the shows, or to who acts for their cinemas. */
  async function change(): Promise<void> {
    const cinema = pick(cinemas);
    const ids = people.map((each) => each.organisationId);
    switch (Math.floor(random() * 6)) {
      case 0: {
        const worst = Math.floor(random() * 3);
        for (const each of shows) if (each.cinema === cinema) each.worst = worst;
        await sql`update distribution.show set worst = ${worst}
          where cinema_id = ${cinema.id}`.execute(database());
        break;
      }
      case 1: {
        const gone = pick(films).id;
        await sql`delete from distribution.show where cinema_id = ${cinema.id}
          and film_id = ${gone}`.execute(database());
        shows = shows.filter((each) => each.cinema !== cinema || each.film !== gone);
        break;
      }
      case 2:
        cinema.organisation = pick([null, ...ids]);
        await sql`update exhibition.cinema set organisation_id = ${cinema.organisation}
          where id = ${cinema.id}`.execute(database());
        break;
      case 3:
        cinema.circuit = pick([null, ...circuits.map((each) => each.id)]);
        await sql`update exhibition.cinema set circuit_id = ${cinema.circuit}
          where id = ${cinema.id}`.execute(database());
        break;
      case 4: {
        const circuit = pick(circuits);
        circuit.organisation = pick([null, ...ids]);
        await sql`update exhibition.circuit set organisation_id = ${circuit.organisation}
          where id = ${circuit.id}`.execute(database());
        break;
      }
      default: {
        const show = pick(shows);
        show.film = pick([null, ...films.map((each) => each.id)]);
        show.at += Math.floor((random() - 0.5) * 20 * HOUR_MS);
        await sql`update distribution.show set film_id = ${show.film},
          starts_at = ${new Date(show.at)}, ends_at = ${new Date(show.at + 2 * HOUR_MS)}
          where id = ${show.id}`.execute(database());
      }
    }
  }

  it('[HN1] counts and lists what the shows themselves say, to whoever may see them', async () => {
    await compareAll();
    for (let n = 0; n < CHANGES; n++) {
      await change();
      await compare(pick(people), { hours: 72, limit: 100 });
    }
    // Counted anew, the sums are the same: an upgrade and the changes since agree.
    await sql`select distribution.tally_anew()`.execute(database());
    await compareAll();
  });
});
