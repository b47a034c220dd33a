import { addDays } from '@yinglian/core';
import { castCinemas, type CastScreen } from './cast.ts';
import { FILM, newDevice } from './scenes.ts';
import type { Stage } from './stage.ts';

/** Days from the first to the last of the demonstration's run. */
const RUN_DAYS = 20;
/** The programme of the first days, in as many cinemas of each circuit. */
const SHOW_DAYS = 2;
const CINEMAS_WITH_SHOWS = 8;
const STARTS = ['10:30', '14:00', '19:30', '21:50'] as const;
const MINUTES = 96;
/** What the notice asks of a cinema: smaller houses fall short of it. */
const MINIMUM_A_DAY = 6;
/** A film that other houses distribute, outside of this network. */
const ELSEWHERE = { title: '隔壁的月亮（他家影片）', clock: '16:40', minutes: 92 };
const STANDARD_FEN = '3500';

/** The distributor plans the run from tomorrow on, and announces it. Gives the release. */
export async function announceRelease(
  stage: Stage,
  film: { readonly filmId: string; readonly filmVersionId: string },
  now: Date,
): Promise<string> {
  const distributor = await stage.as('distributor');
  const { releases } = stage.halls;
  const from = addDays(now.toISOString().slice(0, 10), 1);
  const to = addDays(from, RUN_DAYS);
  // A scene that was cut off finds what it made.
  const known = (await releases.list(distributor, { filmId: film.filmId, limit: 1 })).rows[0];
  if (known?.state === 'announced') return known.id;
  const draft =
    known ??
    (await releases.create(distributor, {
      filmId: film.filmId,
      plan: {
        versions: [{ filmVersionId: film.filmVersionId, format: '2D', filmCode: FILM.filmCode }],
        territory: 'CN',
        periods: [
          {
            kind: 'run',
            from,
            to,
            standards: [{ format: '2D', cityClass: 'A', fen: STANDARD_FEN }],
          },
        ],
        cityClasses: [{ name: 'A', cities: [] }],
        zones: [],
        minimumScreenings: [{ from, to: addDays(from, 6), perDay: MINIMUM_A_DAY }],
        packageProfile: { base: 'auto', severities: {} },
        keyMargins: { beforeMinutes: 720, afterMinutes: 360 },
        termsId: null,
        note: '',
      },
    }));
  return (await releases.announce(distributor, draft.id, draft.version)).id;
}

/** Both circuits are offered the film and accept; what has no conflict is confirmed. */
export async function bookCinemas(
  stage: Stage,
  release: { readonly id: string; readonly filmVersionId: string; readonly filmId: string },
): Promise<number> {
  const { bookings, facilities } = stage.halls;
  const distributor = await stage.as('distributor');
  const circuits = await facilities.circuits(distributor, { limit: 500 });
  await bookings.offer(distributor, {
    releaseId: release.id,
    filmVersionId: release.filmVersionId,
    cinemaIds: [],
    circuitIds: circuits.map(({ row }) => row.id),
    note: '',
  });
  for (const part of ['circuit_1', 'circuit_2']) {
    const context = await stage.as(part);
    const { rows } = await bookings.list(context, { releaseId: release.id, limit: 500 });
    const bookingIds = rows.filter((each) => each.state === 'offered').map((each) => each.id);
    if (bookingIds.length > 0) await bookings.answer(context, { action: 'accept', bookingIds });
  }
  const { rows } = await bookings.list(distributor, { releaseId: release.id, limit: 500 });
  const bookingIds = rows.filter((each) => each.state === 'accepted').map((each) => each.id);
  if (bookingIds.length === 0) return 0;
  return (await bookings.decide(distributor, { action: 'confirm', bookingIds })).changed;
}

/** Keys from the bookings: nobody types an identifier. Gives the jobs. */
export async function orderKeys(stage: Stage, releaseId: string): Promise<readonly string[]> {
  const distributor = await stage.as('distributor');
  const { total } = await stage.halls.keys.needed(distributor, { releaseId }, 1);
  if (total === 0) return [];
  return (await stage.halls.keys.issueNeeded(distributor, { releaseId })).jobIds;
}

/** Some cinemas of each circuit send their programme of the first days. */
export async function sendProgrammes(stage: Stage, now: Date): Promise<number> {
  const { board, facilities } = stage.halls;
  const from = addDays(now.toISOString().slice(0, 10), 1);
  const to = addDays(from, SHOW_DAYS);
  let shows = 0;
  for (const part of ['circuit_1', 'circuit_2'] as const) {
    const context = await stage.as(part);
    const cast = castCinemas()
      .filter((each) => each.circuit === part)
      .slice(0, CINEMAS_WITH_SHOWS);
    for (const cinema of cast) {
      const found = await facilities.cinemas(context, { search: cinema.code, limit: 1 });
      const [known] = found;
      if (known === undefined) continue;
      const programme = { from, to, shows: showsOf(cinema.screens, from, to) };
      await board.takeProgramme(context, known.row.id, programme);
      shows += programme.shows.length;
    }
  }
  return shows;
}

function showsOf(screens: readonly CastScreen[], from: string, to: string) {
  const days: string[] = [];
  for (let day = from; day <= to; day = addDays(day, 1)) days.push(day);
  return days.flatMap((day) => [
    ...screens.flatMap((screen, index) =>
      // Screens do not all begin at once: a lobby holds one audience at a time.
      STARTS.filter((_, number) => (number + index) % 2 === 0).map((clock) => ({
        screen: screen.name,
        filmCode: FILM.filmCode,
        title: '',
        start: `${day}T${clock}`,
        minutes: MINUTES,
      })),
    ),
    ...screens.slice(0, 1).map((screen) => ({
      screen: screen.name,
      filmCode: '',
      title: ELSEWHERE.title,
      start: `${day}T${ELSEWHERE.clock}`,
      minutes: ELSEWHERE.minutes,
    })),
  ]);
}

/**
 * What happens before any weekend: a media block is replaced after its key was issued, so that a
 * show turns red and keys are proposed; and the cinema's manager asks for help.
 */
export async function troubleBefore(stage: Stage, now: Date): Promise<void> {
  const { facilities, board } = stage.halls;
  const circuit = await stage.as('circuit_1');
  const [first] = castCinemas();
  const [cinema] = await facilities.cinemas(circuit, { search: first!.code, limit: 1 });
  if (cinema === undefined) return;
  const screens = await facilities.screens(circuit, { cinemaId: cinema.row.id, limit: 1 });
  const [screen] = screens;
  if (screen === undefined) return;
  await facilities.installDevice(circuit, screen.row.id, await newDevice(now));
  const manager = await stage.as('cinema');
  const { rows } = await board.board(manager, { hours: 72, limit: 1, worst: 'red' });
  const [red] = rows;
  if (red !== undefined && red.helpAskedAt === null) {
    await board.askHelp(manager, red.id, '昨晚换了放映服务器，密钥打不开了');
  }
}
