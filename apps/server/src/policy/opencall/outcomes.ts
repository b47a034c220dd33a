import type { opencallOutcomeSchema } from '@yinglian/contract';
import { judgeMilestone, thresholdText } from '@yinglian/opencall';
import type { z } from 'zod';
import type { Database } from '../../kernel/database/database.ts';
import { found } from '../../kernel/refusal.ts';
import {
  listMilestones,
  listProjects,
  listRounds,
  type MilestoneRow,
  type ProjectRow,
} from './store.ts';

type Outcome = z.input<typeof opencallOutcomeSchema>;

/** Before acceptance values are the parties' own. */
const TOLD: ReadonlySet<string> = new Set(['accepted', 'ordered', 'paid']);

/**
 * 发布揭榜成果: what the contracts of a round reached, under the code of its task. Money stands in
 * the result of the round; a diligent failure is told as that and as nothing worse.
 */
export async function outcomesOf(
  database: Database,
  roundId: string,
): Promise<{ rows: Outcome[] }> {
  const round = found((await listRounds(database, { ids: [roundId] }))[0], { id: roundId });
  if (round.state !== 'decided') return { rows: [] };
  const projects = await listProjects(database, { roundId });
  const kept = await listMilestones(
    database,
    projects.map(({ id }) => id),
  );
  return { rows: projects.map((each) => outcomeOf(each, kept)) };
}

function outcomeOf(project: ProjectRow, kept: readonly MilestoneRow[]): Outcome {
  const rule = project.terms.acceptance;
  const { members } = project.bid.identity;
  return {
    bidder: project.applicant,
    state: project.state,
    diligent: project.termination !== null && !project.termination.blame,
    milestones: project.milestones.map((milestone) => {
      const own = kept.find(
        ({ project_id: id, code }) => id === project.id && code === milestone.code,
      );
      const state = own?.state ?? 'open';
      if (own === undefined || !TOLD.has(state))
        return { title: milestone.title, state, results: [] };
      const { verdicts } = judgeMilestone(milestone, own.measurements, { rule, members });
      const results = milestone.indicators.map((each) => {
        const value = own.measurements.findLast(({ indicator }) => indicator === each.code);
        return {
          indicator: each.name,
          required: thresholdText(each),
          value: value === undefined ? '' : `${value.value} ${value.unit}`,
          laboratory: value?.laboratory ?? '',
          verdict: verdicts.find(({ indicator }) => indicator === each.code)?.verdict ?? '',
        };
      });
      return { title: milestone.title, state, results };
    }),
  };
}
