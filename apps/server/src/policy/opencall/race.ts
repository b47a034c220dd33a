import type { opencallRaceSchema } from '@yinglian/contract';
import { finding, hasErrors } from '@yinglian/core';
import { checkRaceChoice, type Racer, raceStandings } from '@yinglian/opencall';
import { sql } from 'kysely';
import type { z } from 'zod';
import type { Context } from '../../kernel/context.ts';
import type { Queryable, Transaction } from '../../kernel/database/database.ts';
import { conflict, found, versionConflict } from '../../kernel/refusal.ts';
import { jsonText, type Work } from '../../kernel/write.ts';
import { enterLedger } from '../money.ts';
import { todayOf } from '../parts.ts';
import { type OpencallParts, personOf, requireRole } from './parts.ts';
import {
  listMilestones,
  listProjects,
  type MilestoneRow,
  listRounds,
  type ProjectRow,
  type RaceDecision,
  type RoundRow,
  updateRow,
} from './store.ts';

type RaceView = z.input<typeof opencallRaceSchema>;
/** The contracts of a round as racers; null where the round is no race or nobody runs yet. */
async function readRace(database: Queryable, round: RoundRow, lock = false) {
  const checkpoint = round.terms.checkpoint ?? null;
  if (checkpoint === null || round.state !== 'decided') return null;
  const projects = (await listProjects(database, { roundId: round.id, lock })).toSorted((a, b) =>
    a.id < b.id ? -1 : 1,
  );
  const kept = await listMilestones(
    database,
    projects.map(({ id }) => id),
  );
  const racers = projects.map((project) => racerOf(project, kept));
  const { indicators } = round.entry;
  const terms = { checkpoint, indicators, rule: round.terms.acceptance };
  return { projects, racers, terms, standings: raceStandings(terms, racers) };
}

function racerOf(project: ProjectRow, kept: readonly MilestoneRow[]): Racer {
  const own = kept.filter(({ project_id: id }) => id === project.id);
  return {
    code: project.id,
    milestones: project.milestones.map(({ code, due, title }) => {
      const row = own.find((each) => each.code === code);
      return {
        code,
        due,
        title,
        state: row?.state ?? 'open',
        measurements: row?.measurements ?? [],
      };
    }),
  };
}

/** How a race stands, for the desk of its department. */
export async function raceView(database: Queryable, round: RoundRow): Promise<RaceView> {
  const race = await readRace(database, round);
  if (race === null) return null;
  const nameOf = new Map(race.projects.map(({ id, applicant }) => [id, applicant]));
  return {
    checkpoint: race.terms.checkpoint,
    decided: round.race,
    racers: race.standings.map(({ code, finished, results, behind }, place) => ({
      projectId: code,
      bidder: nameOf.get(code) ?? '',
      state: race.projects[place]!.state,
      finished,
      steps: race.racers[place]!.milestones.filter(({ due }) => due <= race.terms.checkpoint).map(
        ({ title, due, state }) => ({ title, due, state }),
      ),
      results: results.map((each) => ({ ...each })),
      behind: behind.map((each) => nameOf.get(each) ?? ''),
    })),
  };
}

type RaceRequest = {
  readonly version: number;
  readonly projectId: string;
  readonly reason: string;
};

/** Decides who goes on; the others end without blame, and what they were not paid is free. */
export function createRaceService(parts: OpencallParts) {
  const { write, requireAccess, now } = parts;

  return {
    async decide(context: Context, id: string, given: RaceRequest): Promise<void> {
      await requireAccess(context, 'policy.decide', { kind: 'opencall_round', ids: [id] });
      await write(context, async (work) => {
        const { transaction } = work;
        const known = (await listRounds(transaction, { ids: [id], lock: true }))[0];
        const round = found(known, { id });
        requireRole(context, round.department_id, 'approver');
        if (round.version !== given.version) {
          throw versionConflict({ id, version: round.version }, { version: given.version });
        }
        const race = await readRace(transaction, round, true);
        if (race === null || round.race !== null) throw conflict(finding('invalid_state', 'error'));
        const on = todayOf(parts);
        const choice = { code: given.projectId, on };
        const findings = checkRaceChoice(race.terms, race.standings, choice);
        const named = findings.map((each) => ({
          ...each,
          facts: namesIn(each.facts, race.projects),
        }));
        if (hasErrors(named)) throw conflict(...named);
        await refuseAccepter(transaction, context, race.projects);
        const decision: RaceDecision = {
          projectId: given.projectId,
          reason: given.reason,
          by: personOf(context).actorName,
          on,
        };
        await updateRow(transaction, 'round', id, { race: jsonText(decision) });
        const others = race.projects.filter(
          (each) => each.id !== given.projectId && each.state === 'running',
        );
        for (const each of others) await end(work, context, round, each);
        work.audit({
          action: 'opencall.race_decided',
          subjectKind: 'opencall_round',
          subjectId: id,
          facts: { project: given.projectId, ended: others.length },
        });
        work.changed({ kind: 'opencall_round', id });
      });
    },
  };

  async function end(work: Work, context: Context, round: RoundRow, project: ProjectRow) {
    const { transaction } = work;
    const steps = await listMilestones(transaction, [project.id]);
    const codes = new Set(steps.filter(({ state }) => state === 'paid').map(({ code }) => code));
    const left = project.milestones
      .filter(({ code }) => !codes.has(code))
      .reduce((sum, { amountFen }) => sum + BigInt(amountFen), 0n);
    if (left > 0n) {
      const entry = {
        move: 'uncommit',
        year: project.year,
        fen: left,
        claim: project.bid_id,
      } as const;
      const note = { by: context.user, at: now(), note: round.entry.code, opencall: true };
      await enterLedger(transaction, round.department_id, entry, note);
    }
    const termination = { kind: 'race', reason: '', repayFen: '0', blame: false, repaid: true };
    await updateRow(transaction, 'project', project.id, {
      state: 'outrun',
      termination: jsonText(termination),
    });
    work.changed({ kind: 'opencall_project', id: project.id });
  }
}

/** Whoever accepted what the racers showed does not decide between them. */
async function refuseAccepter(
  transaction: Transaction,
  context: Context,
  projects: readonly ProjectRow[],
): Promise<void> {
  const result = await sql<{ actor_id: string | null }>`
    select distinct actor_id from policy.opencall_step
    where subject_id = any(${projects.map(({ id }) => id)}::uuid[]) and action = 'accept'
  `.execute(transaction);
  if (!result.rows.some((each) => each.actor_id === context.user?.id)) return;
  const facts = { action: 'decide_race', guard: 'four_eyes', until: '' };
  throw conflict(finding('missing_second_person', 'error', { facts }));
}

type Facts = Parameters<typeof finding>[2] extends { facts?: infer Given } | undefined
  ? NonNullable<Given>
  : never;

/** People read names of bidders, not numbers of contracts. */
function namesIn(facts: Facts, projects: readonly ProjectRow[]): Facts {
  const nameOf = (value: unknown) => projects.find(({ id }) => id === value)?.applicant ?? value;
  return Object.fromEntries(
    Object.entries(facts).map(([name, value]) => [name, nameOf(value)]),
  ) as Facts;
}
