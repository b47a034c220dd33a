import { type Fen, finding, hasErrors } from '@yinglian/core';
import {
  checkChange,
  judgeMilestone,
  judgeTermination,
  type Measurement,
  measurementShape,
  type Milestone,
  MILESTONE_FLOW,
  milestoneShape,
  type MilestoneState,
  type ProjectContract,
  type ProjectRole,
  readDocument,
  takeMilestoneStep,
  type TerminationKind,
  waitingFaults,
  waitsForRace,
  writeContract,
} from '@yinglian/opencall';
import type { LedgerMove } from '@yinglian/policy';
import { sql } from 'kysely';
import { z } from 'zod';
import type { Context } from '../../kernel/context.ts';
import type { Transaction } from '../../kernel/database/database.ts';
import type { ReadStoredFile } from '../../kernel/files/read.ts';
import { downloadBytes } from '../../kernel/http/routes.ts';
import { conflict, found, invalid, notAllowed, versionConflict } from '../../kernel/refusal.ts';
import { jsonText } from '../../kernel/write.ts';
import { enterLedger } from '../money.ts';
import { todayOf } from '../parts.ts';
import { returnRecovered } from '../returns.ts';
import { measureOf, refuseMarkedBid } from './awards.ts';
import { keepReports, readReports, reportsOf } from './reports.ts';
import { acts, type OpencallParts, personOf, taken, valid } from './parts.ts';
import {
  addStep,
  listBids,
  listMilestones,
  listProjects,
  type MilestoneRow,
  type ProjectRow,
  readSteps,
  stepViews,
  updateRow,
} from './store.ts';
import { entryView } from './views.ts';

type ChangeRow = {
  readonly id: string;
  readonly reason: string;
  readonly state: string;
  readonly milestones: readonly Milestone[];
  readonly findings: readonly [];
};
type Versioned = { readonly version: number };

const raceOf = ({ terms, race }: ProjectRow) => ({
  checkpoint: terms.checkpoint ?? null,
  decided: race !== null,
});

/** What is due after the checkpoint of a race waits until it is decided who goes on. */
function refuseWaiting(row: ProjectRow, code: string): void {
  const milestone = row.milestones.find((each) => each.code === code);
  const faults = milestone === undefined ? [] : waitingFaults(milestone, raceOf(row));
  if (faults.length > 0) throw conflict(...faults);
}

const SETTLED: ReadonlySet<MilestoneState> = new Set(['accepted', 'ordered', 'paid']);

const contractOf = (row: ProjectRow): ProjectContract => ({
  grantFen: row.grant_fen,
  milestones: row.milestones.map((each) => ({ ...each, amountFen: BigInt(each.amountFen) })),
});

/** Contracts: measured values, computed verdicts, money by four eyes, changes and ends. */
export function createProjectService(parts: OpencallParts & { readonly readFile: ReadStoredFile }) {
  const { database, write, requireAccess, newId, now } = parts;
  type Db = typeof database | Transaction;

  const one = async (id: string, transaction: Db = database, lock = false) =>
    found((await listProjects(transaction, { ids: [id], lock }))[0], { id });
  const milestonesOf = async (transaction: Db, id: string) => {
    const rows = await listMilestones(transaction, [id]);
    return new Map(rows.map((each) => [each.code, each]));
  };
  const changesOf = async (transaction: Db, id: string) => {
    const result = await sql<ChangeRow>`
      select id, reason, state, milestones, findings from policy.opencall_change
      where project_id = ${id} order by created_at, id
    `.execute(transaction);
    return result.rows;
  };
  const judged = (row: ProjectRow, milestone: Milestone, given: readonly Measurement[]) =>
    judgeMilestone(milestone, given, {
      rule: row.terms.acceptance,
      members: row.bid.identity.members,
    });
  const locked = async (transaction: Transaction, id: string, { version }: Versioned) => {
    const row = await one(id, transaction, true);
    if (row.version !== version) throw versionConflict(await viewOf(row, transaction), { version });
    return row;
  };
  const refuseStopped = (row: ProjectRow): void => {
    if (row.state !== 'running') throw conflict(finding('stopped_project', 'error'));
  };

  return {
    async list(context: Context) {
      const { organisationId } = await requireAccess(context, 'policy.read');
      const rows = [];
      for (const row of await listProjects(database, { organisationId }))
        rows.push(await viewOf(row));
      return { rows };
    },

    async get(context: Context, id: string) {
      await requireAccess(context, 'policy.read', { kind: 'opencall_project', ids: [id] });
      return viewOf(await one(id));
    },

    /** How the award was weighed against other support, for both sides to compute again. */
    async receipt(context: Context, id: string) {
      await requireAccess(context, 'policy.read', { kind: 'opencall_project', ids: [id] });
      const { bid_id: bidId } = await one(id);
      const [bid] = await listBids(database, { ids: [bidId] });
      const receipt = found(bid?.award_receipt, { id });
      const bytes = new TextEncoder().encode(`${jsonText(receipt)}\n`);
      return downloadBytes(`${id}.receipt.json`, 'application/json', bytes);
    },

    async measure(
      context: Context,
      id: string,
      given: Versioned & { milestone: string; measurements: unknown[]; files: string[] },
    ) {
      await requireAccess(context, 'policy.apply', { kind: 'opencall_project', ids: [id] });
      const values = valid(readDocument(z.array(measurementShape), given.measurements));
      const reports = await reportsOf(parts.readFile, context, given.files, values);
      await write(context, async (work) => {
        const row = await locked(work.transaction, id, given);
        if (!acts(context, row.applicant_id, 'policy.apply'))
          throw notAllowed({ role: 'applicant' });
        refuseStopped(row);
        refuseWaiting(row, given.milestone);
        const known = (await milestonesOf(work.transaction, id)).get(given.milestone);
        const { state } = found(known, { id: given.milestone });
        if (state !== 'open' && state !== 'missed')
          throw conflict(finding('invalid_state', 'error'));
        await sql`
          update policy.opencall_milestone set measurements = ${jsonText(values)}
          where project_id = ${id} and code = ${given.milestone}
        `.execute(work.transaction);
        await keepReports(work.transaction, row, given.milestone, reports);
        await updateRow(work.transaction, 'project', id, {});
        work.audit({
          action: 'opencall.values_measured',
          subjectKind: 'opencall_project',
          subjectId: id,
          facts: { milestone: given.milestone, values: values.length },
        });
      });
      return viewOf(await one(id));
    },

    async act(
      context: Context,
      id: string,
      given: Versioned & { milestone: string; action: string; reason: string },
    ) {
      await requireAccess(context, 'policy.read', { kind: 'opencall_project', ids: [id] });
      await write(context, async (work) => {
        const { transaction } = work;
        const row = await locked(transaction, id, given);
        const contract = contractOf(row).milestones.find(({ code }) => code === given.milestone);
        const milestone = found(contract, { id: given.milestone });
        const { state, measurements } = (await milestonesOf(transaction, id)).get(milestone.code)!;
        const wanted = MILESTONE_FLOW.find(
          ({ action, from }) => action === given.action && from.includes(state),
        );
        if (wanted !== undefined) refuseOthers(context, row, wanted.role);
        refuseWaiting(row, milestone.code);
        const { verdicts } = judged(row, milestone, measurements);
        const { actor, actorName } = personOf(context);
        const step = {
          action: given.action,
          actor,
          role: wanted?.role ?? ('officer' as const),
          on: todayOf(parts),
          reason: given.reason,
        };
        const steps = await readSteps<ProjectRole>(transaction, id, milestone.code);
        const record = { state, steps, running: row.state === 'running', verdicts };
        const action = taken(takeMilestoneStep(record, step));
        await addStep(transaction, { id, part: milestone.code }, { ...step, actorName });
        await sql`
          update policy.opencall_milestone set state = ${action.to}
          where project_id = ${id} and code = ${milestone.code}
        `.execute(transaction);
        if (action.action === 'order_funds' || action.action === 'pay') {
          const { bid_id: bidId, applicant_id: bidderId, bid: opened } = row;
          await refuseMarkedBid(transaction, row, { id: bidId, bidder_id: bidderId, opened });
        }
        if (action.action === 'pay') {
          await money(transaction, context, { row, move: 'pay', fen: milestone.amountFen });
        }
        const states = [...(await milestonesOf(transaction, id)).values()];
        const done = states.every((each) => each.state === 'paid');
        await updateRow(transaction, 'project', id, done ? { state: 'completed' } : {});
        work.audit({
          action: `opencall.milestone_${action.action}`,
          subjectKind: 'opencall_project',
          subjectId: id,
          facts: { milestone: milestone.code, state: action.to },
        });
        work.changed({ kind: 'opencall_project', id });
      });
      return viewOf(await one(id));
    },

    async askChange(context: Context, id: string, given: { milestones: unknown; reason: string }) {
      await requireAccess(context, 'policy.apply', { kind: 'opencall_project', ids: [id] });
      const milestones = valid(
        readDocument(z.array(milestoneShape).min(1).max(20), given.milestones),
      );
      await write(context, async (work) => {
        const { transaction } = work;
        const row = await one(id, transaction, true);
        if (!acts(context, row.applicant_id, 'policy.apply'))
          throw notAllowed({ role: 'applicant' });
        refuseStopped(row);
        const findings = await changeFindings(transaction, row, milestones);
        if (hasErrors(findings)) throw invalid(...findings);
        const change = newId();
        await sql`
          insert into policy.opencall_change
            (id, project_id, by_id, milestones, reason, findings, state)
          values (${change}, ${id}, ${context.user?.id ?? null}, ${jsonText(milestones)},
            ${given.reason}, ${jsonText(findings)}, 'asked')
        `.execute(transaction);
        work.audit({
          action: 'opencall.change_asked',
          subjectKind: 'opencall_project',
          subjectId: id,
          facts: { change, reason: given.reason },
        });
      });
      return viewOf(await one(id));
    },

    async decideChange(
      context: Context,
      id: string,
      given: { changeId: string; approved: boolean; reason: string },
    ) {
      await requireAccess(context, 'policy.decide', { kind: 'opencall_project', ids: [id] });
      await write(context, async (work) => {
        const { transaction } = work;
        const row = await one(id, transaction, true);
        if (!acts(context, row.department_id, 'policy.decide'))
          throw notAllowed({ role: 'approver' });
        refuseStopped(row);
        const change = found(
          (await changesOf(transaction, id)).find(
            (each) => each.id === given.changeId && each.state === 'asked',
          ),
          { id: given.changeId },
        );
        if (given.approved) {
          // Steps may have been settled since it was asked for.
          const findings = await changeFindings(transaction, row, change.milestones);
          if (hasErrors(findings)) throw conflict(...findings);
          await adopt(transaction, row, change.milestones);
        }
        const state = given.approved ? 'approved' : 'refused';
        await sql`
          update policy.opencall_change set state = ${state} where id = ${change.id}
        `.execute(transaction);
        work.audit({
          action: `opencall.change_${state}`,
          subjectKind: 'opencall_project',
          subjectId: id,
          facts: { change: change.id, reason: given.reason },
        });
      });
      return viewOf(await one(id));
    },

    async terminate(
      context: Context,
      id: string,
      given: Versioned & {
        kind: TerminationKind;
        spentFen: string;
        reason: string;
        proofs: ('work_record' | 'expense_record' | 'cause' | 'expert_opinion')[];
      },
    ) {
      await requireAccess(context, 'policy.decide', { kind: 'opencall_project', ids: [id] });
      await write(context, async (work) => {
        const { transaction } = work;
        const row = await locked(transaction, id, given);
        if (!acts(context, row.department_id, 'policy.decide'))
          throw notAllowed({ role: 'approver' });
        refuseStopped(row);
        const paidFen = paidOf(row, await milestonesOf(transaction, id));
        const { repayFen, blame } = valid(
          judgeTermination({
            kind: given.kind,
            on: todayOf(parts),
            paidFen,
            spentFen: BigInt(given.spentFen),
            proofs: given.proofs,
          }),
        );
        await money(transaction, context, { row, move: 'uncommit', fen: row.grant_fen - paidFen });
        const { kind, reason } = given;
        const termination = { kind, reason, repayFen, blame, repaid: repayFen === 0n };
        const columns = { state: 'terminated', termination: jsonText(termination) };
        await updateRow(transaction, 'project', id, columns);
        work.audit({
          action: 'opencall.project_terminated',
          subjectKind: 'opencall_project',
          subjectId: id,
          facts: { kind, repayFen: String(repayFen), blame },
        });
      });
      return viewOf(await one(id));
    },

    async repay(context: Context, id: string, given: Versioned) {
      await requireAccess(context, 'policy.pay', { kind: 'opencall_project', ids: [id] });
      await write(context, async (work) => {
        const { transaction } = work;
        const row = await locked(transaction, id, given);
        if (!acts(context, row.department_id, 'policy.pay')) throw notAllowed({ role: 'finance' });
        const { termination } = row;
        if (termination === null || termination.repaid)
          throw conflict(finding('invalid_state', 'error'));
        const fen = BigInt(termination.repayFen);
        await money(transaction, context, { row, move: 'recover', fen });
        const columns = { termination: jsonText({ ...termination, repaid: true }) };
        await updateRow(transaction, 'project', id, columns);
        work.audit({
          action: 'opencall.money_returned',
          subjectKind: 'opencall_project',
          subjectId: id,
          facts: { fen: String(fen) },
        });
      });
      return viewOf(await one(id));
    },
  };

  function refuseOthers(context: Context, row: ProjectRow, role: ProjectRole): void {
    const permission = {
      applicant: 'policy.apply',
      officer: 'policy.manage',
      approver: 'policy.decide',
      finance: 'policy.pay',
    } as const;
    const side = role === 'applicant' ? row.applicant_id : row.department_id;
    if (!acts(context, side, permission[role])) throw notAllowed({ role });
  }

  async function changeFindings(transaction: Db, row: ProjectRow, wanted: readonly Milestone[]) {
    const states = [...(await milestonesOf(transaction, row.id)).values()];
    const settled = states.filter(({ state }) => SETTLED.has(state)).map(({ code }) => code);
    return checkChange(contractOf(row), wanted, new Set(settled));
  }

  async function adopt(transaction: Transaction, row: ProjectRow, wanted: readonly Milestone[]) {
    const { milestones } = taken(writeContract(row.grant_fen, wanted));
    await updateRow(transaction, 'project', row.id, { milestones: jsonText(milestones) });
    const codes = wanted.map(({ code }) => code);
    await sql`
      delete from policy.opencall_milestone
      where project_id = ${row.id} and code <> all(${codes}::text[])
    `.execute(transaction);
    for (const code of codes) {
      await sql`
        insert into policy.opencall_milestone (project_id, code, state)
        values (${row.id}, ${code}, 'open') on conflict do nothing
      `.execute(transaction);
    }
  }

  async function money(
    transaction: Transaction,
    context: Context,
    { row, move, fen }: { readonly row: ProjectRow; readonly move: LedgerMove; readonly fen: Fen },
  ): Promise<void> {
    if (fen === 0n) return;
    const entry = { move, year: row.year, fen, claim: row.bid_id };
    const note = { by: context.user, at: now(), note: row.entry.code, opencall: true };
    await enterLedger(transaction, row.department_id, entry, note);
    if (move !== 'recover') return;
    const given = { instrument: measureOf(row).instrument, on: todayOf(parts), note };
    await returnRecovered(transaction, row.department_id, entry, given);
  }

  function paidOf(row: ProjectRow, states: ReadonlyMap<string, MilestoneRow>): Fen {
    return contractOf(row).milestones.reduce(
      (sum, { code, amountFen }) => (states.get(code)?.state === 'paid' ? sum + amountFen : sum),
      0n,
    );
  }

  async function viewOf(row: ProjectRow, transaction: Db = database) {
    const states = await milestonesOf(transaction, row.id);
    const reports = await readReports(transaction, row.id);
    const milestones = [];
    for (const each of contractOf(row).milestones) {
      const { state, measurements } = states.get(each.code)!;
      const { verdicts, findings } = judged(row, each, measurements);
      milestones.push({
        code: each.code,
        title: each.title,
        due: each.due,
        share: each.share,
        state,
        amountFen: String(each.amountFen),
        indicators: each.indicators,
        measurements,
        reports: (reports.get(each.code) ?? []).map((report) => ({
          fileId: report.file_id,
          fileName: report.file_name,
          digest: report.digest,
        })),
        findings: measurements.length === 0 ? [] : findings,
        verdicts: verdicts.map(({ indicator, verdict }) => ({ indicator, verdict })),
        waits: waitsForRace(each, raceOf(row)),
        actions: MILESTONE_FLOW.filter(({ from }) => from.includes(state)).map(
          ({ action }) => action,
        ),
        steps: stepViews(await readSteps(transaction, row.id, each.code)),
      });
    }
    const changes = await changesOf(transaction, row.id);
    return {
      id: row.id,
      version: row.version,
      title: row.entry.title,
      applicantId: row.applicant_id,
      applicant: row.applicant,
      departmentId: row.department_id,
      department: row.department,
      roundId: row.round_id,
      acceptance: row.terms.acceptance,
      code: entryView(row.entry).code,
      state: row.state,
      grantFen: String(row.grant_fen),
      weighed: row.weighed,
      paidFen: String(paidOf(row, states)),
      milestones,
      changes: changes.map(({ id, reason, state, milestones: wanted, findings }) => ({
        id,
        reason,
        state,
        milestones: wanted,
        findings,
      })),
      termination: row.termination,
    };
  }
}
