import { sql } from 'kysely';
import { z } from 'zod';
import { systemContext } from '../../kernel/context.ts';
import type { Database, Transaction } from '../../kernel/database/database.ts';
import { defineJob, type JobDefinition } from '../../kernel/jobs/definition.ts';
import type { Mailer } from '../../kernel/mail.ts';
import type { Work, Write } from '../../kernel/write.ts';
import { desksOf } from './help-repository.ts';
import { readPolicy } from './policy.ts';
import { RELEASE_TEXTS } from './words.ts';

/** Looks for shows that will not start and wakes who can mend it: by webhook and by mail. */

const ALARM_LOCK = 735_210_091;
/** Signals for one house in one look; the mail names all of them. */
const SIGNALS_MAX = 50;
const LINES_MAX = 40;

const alarmInput = z.object({
  organisationId: z.uuid(),
  kind: z.enum(['shows', 'help']),
  lines: z.array(
    z.object({
      local: z.string(),
      place: z.string(),
      film: z.string(),
      reasons: z.array(z.string()),
      note: z.string(),
    }),
  ),
});
export type AlarmInput = z.output<typeof alarmInput>;
type Line = AlarmInput['lines'][number];

export type AlarmParts = {
  readonly database: Database;
  readonly write: Write;
  readonly alarmJob: JobDefinition<AlarmInput>;
};

type Raised = {
  organisation_id: string;
  show_id: string;
  film_id: string | null;
  local: string;
  place: string;
  film: string;
  reasons: string;
};

/**
 * Red shows that begin soon, each once for each reason and house: the distributor's, the cinema's
 * and the circuit's, within the hours that each of them wants.
 */
async function raise(transaction: Transaction): Promise<Raised[]> {
  const result = await sql<Raised>`
    with due as (
      select distinct on (house.organisation_id, show.screen_id, show.starts_at)
        house.organisation_id, show.id as show_id, show.screen_id, show.starts_at, show.film_id,
        to_char(show.starts_at at time zone cinema.time_zone, 'YYYY-MM-DD HH24:MI') as local,
        cinema.name || ' ' || screen.name as place,
        coalesce(nullif(show.title, ''), film.title, '') as film,
        (select coalesce(string_agg(each->>'code', ' ' order by each->>'code'), '')
          from json_array_elements(show.findings) as each
          where each->>'severity' = 'error') as reasons
      from distribution.show
      join exhibition.cinema on cinema.id = show.cinema_id
      join exhibition.screen on screen.id = show.screen_id
      left join exhibition.circuit on circuit.id = cinema.circuit_id
      left join film.film on film.id = show.film_id
      join lateral (
        select release.organisation_id from distribution.release
        where release.film_id = show.film_id and release.state = 'announced'
        union select cinema.organisation_id where cinema.organisation_id is not null
        union select circuit.organisation_id where circuit.organisation_id is not null
      ) as house on true
      left join distribution.key_policy as policy
        on policy.organisation_id = house.organisation_id
      where show.worst = 2 and show.starts_at > now() - interval '15 minutes'
        and show.starts_at < now() + interval '1 hour' * coalesce(policy.alarm_hours, 3)
        and coalesce(policy.alarm_hours, 3) > 0),
    fresh as (
      insert into distribution.show_alarm (organisation_id, screen_id, starts_at, reasons)
      select organisation_id, screen_id, starts_at, reasons from due
      on conflict do nothing returning organisation_id, screen_id, starts_at)
    select due.organisation_id, due.show_id, due.film_id, due.local, due.place, due.film,
      due.reasons
    from due join fresh using (organisation_id, screen_id, starts_at)
    order by due.starts_at, due.place`.execute(transaction);
  return result.rows;
}

/** One look at all shows; of several servers one looks at a time. Gives how many alarms it rang. */
export async function ringAlarms({ write, alarmJob }: AlarmParts): Promise<number> {
  return write(systemContext(), async (work) => {
    const lock = await sql<{ mine: boolean }>`
      select pg_try_advisory_xact_lock(${ALARM_LOCK}) as mine`.execute(work.transaction);
    if (lock.rows[0]?.mine !== true) return 0;
    const raised = await raise(work.transaction);
    const houses = new Set(raised.map((each) => each.organisation_id));
    for (const organisationId of houses) {
      const rows = raised.filter((each) => each.organisation_id === organisationId);
      for (const row of rows.slice(0, SIGNALS_MAX)) {
        work.changed({ kind: 'alarm', id: row.show_id, filmId: null, organisationId });
      }
      const lines = rows.map((row) => ({
        local: row.local,
        place: row.place,
        film: row.film,
        note: '',
        reasons: row.reasons.split(' ').filter((each) => each !== ''),
      }));
      await mailTo(work, alarmJob, { organisationId, kind: 'shows', lines });
    }
    return raised.length;
  });
}

/** Mail is asked for only where somebody wants it. */
async function mailTo(
  work: Work,
  alarmJob: JobDefinition<AlarmInput>,
  input: AlarmInput,
): Promise<void> {
  const policy = await readPolicy(work.transaction, input.organisationId);
  if (policy.alarmEmails.length === 0) return;
  const { organisationId } = input;
  await work.enqueue(alarmJob, input, { organisationId });
}

/** A call for help reaches the film's desks as an alarm does. */
export function deskTeller(alarmJob: JobDefinition<AlarmInput>) {
  return async (work: Work, helpId: string): Promise<void> => {
    const desks = await desksOf(work.transaction, helpId);
    if (desks.length === 0) return;
    const result = await sql<Line & { codes: string[] | null }>`
      select to_char(help.starts_at at time zone cinema.time_zone, 'YYYY-MM-DD HH24:MI') as local,
        cinema.name || ' ' || screen.name as place, help.title as film, help.note,
        (select json_agg(each->>'code') from json_array_elements(help.findings) as each) as codes
      from distribution.help join exhibition.cinema on cinema.id = help.cinema_id
      join exhibition.screen on screen.id = help.screen_id
      where help.id = ${helpId}`.execute(work.transaction);
    const lines = result.rows.map(({ codes, ...line }) => ({ ...line, reasons: codes ?? [] }));
    for (const organisationId of desks) {
      work.changed({ kind: 'help', id: helpId, organisationId });
      await mailTo(work, alarmJob, { organisationId, kind: 'help', lines });
    }
  };
}

export type AlarmJobParts = {
  readonly database: Database;
  readonly mailer: Mailer | undefined;
  readonly settings: { readonly publicUrl: string };
};

/** One mail to each address of the house. */
export function alarmJob(parts: AlarmJobParts): JobDefinition<AlarmInput> {
  return defineJob({
    kind: 'distribution.send_alarm',
    input: alarmInput,
    retries: 5,
    run: async (job) => {
      const { mailer } = parts;
      if (mailer === undefined) return { sent: 0 };
      const policy = await readPolicy(parts.database, job.input.organisationId);
      const text = alarmText(job.input, policy.language, parts.settings.publicUrl);
      let sent = 0;
      for (const [index, to] of policy.alarmEmails.entries()) {
        const messageId = `<${job.id}.${index}@${mailer.domain}>`;
        const answer = await job.step(`mail ${index}`, async () => {
          const said = await mailer.send({ ...text, to, messageId });
          if (said.outcome === 'later') throw new Error(`the mail server said: ${said.answer}`);
          return said.outcome;
        });
        if (answer === 'accepted') sent += 1;
      }
      return { sent };
    },
  });
}

/** What an alarm says, in plain text. */
export function alarmText(
  { kind, lines }: AlarmInput,
  language: 'zh-CN' | 'en',
  publicUrl: string,
): { readonly subject: string; readonly text: string } {
  const zh = language === 'zh-CN';
  const words = (code: string) => RELEASE_TEXTS[code]?.[zh ? 'zh' : 'en'] ?? code;
  const first = lines[0];
  const subject =
    kind === 'help'
      ? zh
        ? `求助：${first?.place ?? ''}`
        : `Help wanted: ${first?.place ?? ''}`
      : zh
        ? `${lines.length} 场可能无法开映`
        : `${lines.length} shows may not start`;
  const shown = lines
    .slice(0, LINES_MAX)
    .map((line) =>
      [
        `${line.local}  ${line.place}  ${line.film}`,
        ...line.reasons.map((code) => words(code)),
        ...(line.note === '' ? [] : [`“${line.note}”`]),
      ].join('\n    '),
    );
  const more = lines.length - shown.length;
  const rest = more > 0 ? [zh ? `另有 ${more} 场` : `and ${more} more`] : [];
  const page = kind === 'help' ? 'help' : 'board';
  return {
    subject: subject.replace(/[\p{Cc}]+/gu, ' '),
    text: [...shown, ...rest, '', `${publicUrl}/distribution/${page}`, ''].join('\n'),
  };
}
