import { finding } from '@yinglian/core';
import { examine, type Rule, RULES, RULES_EDITION, type Suspicion } from '@yinglian/screening';
import { sql } from 'kysely';
import { z } from 'zod';
import { defineJob, type JobDefinition } from '../../kernel/jobs/definition.ts';
import type { Database } from '../../kernel/database/database.ts';
import { found } from '../../kernel/refusal.ts';
import type { Work, Write } from '../../kernel/write.ts';
import { namePlaybacks } from '../evidence/log-repository.ts';
import { instantOfDay } from '../local-time.ts';
import { takingsElsewhere } from './elsewhere.ts';
import { cinemasInScope, readEvidence, type Scope, type ScopedCinema } from './evidence.ts';
import {
  appendEvent,
  clearCases,
  type ExaminationRow,
  type FoundCase,
  openCases,
  readRules,
} from './repository.ts';

export type ExamineParts = {
  readonly database: Database;
  readonly write: Write;
  readonly newId: () => string;
  readonly now: () => Date;
};

const examineInput = z.object({ examinationId: z.uuid() });
export type ExamineJob = JobDefinition<z.output<typeof examineInput>>;

/** Cinemas of one transaction: a kill loses no more, and none of them is examined twice. */
const CINEMAS_A_STEP = 20;

/** Joins what every source says of the cinemas of a scope, cinema by cinema. */
export function examineJob(parts: ExamineParts): ExamineJob {
  return defineJob({
    kind: 'exhibition.examine_screenings',
    lane: 'heavy',
    input: examineInput,
    async run(job) {
      const examination = found(await readExamination(parts.database, job.input.examinationId));
      const scope = {
        organisationId: examination.organisation_id,
        from: examination.first_date,
        to: examination.last_date,
        filmId: examination.film_id,
      };
      const cinemas = await job.step('choose_cinemas', () =>
        cinemasInScope(parts.database, {
          ...scope,
          circuitId: examination.circuit_id,
          cinemaId: examination.cinema_id,
        }),
      );
      const stored = await readRules(parts.database, scope.organisationId);
      const rules = stored.rules ?? RULES;
      const elsewhere = await takingsElsewhere(parts.database, scope, cinemas, rules);
      const unplaced: Unplaced[] = [];
      const total = { cinemas: 0, sessions: 0, opened: 0, standing: 0, cleared: 0 };
      for (let at = 0; at < cinemas.length; at += CINEMAS_A_STEP) {
        job.signal.throwIfAborted();
        const some = cinemas.slice(at, at + CINEMAS_A_STEP);
        const counts = await job.write(`examine ${at}`, (work) =>
          examineSome(parts, work, { examination, scope, rules, elsewhere }, some),
        );
        unplaced.push(...counts.unplaced);
        for (const name of Object.keys(total) as (keyof typeof total)[]) {
          total[name] += counts[name];
        }
        job.progress((at + some.length) / cinemas.length);
      }
      await job.write('record', async (work) => {
        await sql`update exhibition.examination set state = 'done', cinemas = ${total.cinemas},
            sessions = ${total.sessions}, opened = ${total.opened}, standing = ${total.standing},
            cleared = ${total.cleared} where id = ${examination.id}`.execute(work.transaction);
        work.audit({
          action: 'exhibition.screenings_examined',
          subjectKind: 'examination',
          subjectId: examination.id,
          facts: { ...total, edition: examination.edition },
        });
        work.changed({ kind: 'examination', id: examination.id });
      });
      if (unplaced.length > 0) await job.report(...unplaced.slice(0, FINDINGS_MAX).map(ofHalls));
      return total;
    },
  });
}

const FINDINGS_MAX = 200;

/** Halls of a cinema whose takings joined nothing. */
type Unplaced = { readonly cinema: string; readonly halls: readonly string[] };

const ofHalls = ({ cinema, halls }: Unplaced) =>
  finding('unplaced_takings', 'warning', { facts: { cinema, halls: halls.join('、') } });

async function readExamination(
  database: Database,
  id: string,
): Promise<ExaminationRow | undefined> {
  const result = await sql<ExaminationRow>`select * from exhibition.examination where id = ${id}
  `.execute(database);
  return result.rows[0];
}

type Task = {
  readonly examination: ExaminationRow;
  readonly scope: Scope;
  readonly rules: readonly Rule[];
  /** What others of a cinema’s circuit sold, to be compared with. */
  readonly elsewhere: Awaited<ReturnType<typeof takingsElsewhere>>;
};

async function examineSome(
  parts: ExamineParts,
  work: Work,
  task: Task,
  cinemas: readonly ScopedCinema[],
) {
  const counts = { cinemas: 0, sessions: 0, opened: 0, standing: 0, cleared: 0 };
  const unplaced: Unplaced[] = [];
  for (const cinema of cinemas) {
    const done = await examineCinema(parts, work, task, cinema);
    if (done.unplaced.length > 0) unplaced.push({ cinema: cinema.name, halls: done.unplaced });
    counts.cinemas += 1;
    counts.sessions += done.sessions;
    counts.opened += done.opened;
    counts.standing += done.standing;
    counts.cleared += done.cleared;
  }
  return { ...counts, unplaced };
}

async function examineCinema(
  { newId, now }: ExamineParts,
  work: Work,
  { examination, scope, rules, elsewhere }: Task,
  cinema: ScopedCinema,
) {
  const { transaction } = work;
  await namePlaybacks(transaction, cinema.id);
  const others = elsewhere(cinema.id);
  const { evidence, kept, unplaced } = await readEvidence(transaction, scope, cinema, others);
  const { sessions, suspicions } = examine(evidence, rules);
  const from = instantOfDay(scope.from, cinema.timeZone);
  const until = instantOfDay(scope.to, cinema.timeZone, 1);
  // Notes are worth counting, not a case; and days around the asked ones were read for the clock.
  const grave = suspicions.filter(
    (each) => each.severity !== 'note' && each.at >= from && each.at < until,
  );
  const cases = new Map<string, FoundCase>();
  for (const suspicion of grave) {
    const mark = markOf(suspicion);
    const records = suspicion.evidence.flatMap(({ id }) => kept.get(id) ?? []);
    cases.set(mark, { id: newId(), mark, suspicion, cinemaId: cinema.id, records });
  }
  const { opened, standing } = await openCases(
    transaction,
    {
      id: examination.id,
      organisationId: scope.organisationId,
      edition: RULES_EDITION,
    },
    [...cases.values()],
  );
  const cleared = await clearCases(transaction, {
    organisationId: scope.organisationId,
    cinemaId: cinema.id,
    filmId: scope.filmId,
    from: new Date(from),
    until: new Date(until),
    rules: rules.map((rule) => rule.code),
    marks: [...cases.keys()],
  });
  const network = {
    side: 'network',
    organisationId: null,
    organisation: '',
    person: '',
    text: '',
    at: now(),
  } as const;
  for (const id of opened) await appendEvent(transaction, id, { ...network, action: 'open' });
  for (const id of cleared) await appendEvent(transaction, id, { ...network, action: 'clear' });
  for (const id of [...opened, ...cleared].slice(0, SIGNALS_MAX)) {
    work.changed({ kind: 'case', id });
  }
  const counted = { opened: opened.length, standing, cleared: cleared.length };
  return { sessions: sessions.length, ...counted, unplaced };
}

const SIGNALS_MAX = 20;
const MS_PER_MINUTE = 60_000;

/** What makes a suspicion the same one when the same days are examined again. */
function markOf({ code, screenId, filmId, at, facts }: Suspicion): string {
  const month = new Date(at).toISOString().slice(0, 7);
  if (code === 'shifted_clock') return `${code} ${screenId} ${month} ${facts['minutes']}`;
  if (code === 'identical_takings') {
    return `${code} ${screenId} ${filmId} ${month} ${facts['admissions']} ${facts['gross']}`;
  }
  return `${code} ${screenId} ${filmId ?? ''} ${Math.floor(at / MS_PER_MINUTE)}`;
}
