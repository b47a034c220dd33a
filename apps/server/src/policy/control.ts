import { finding } from '@yinglian/core';
import { applicantGroups } from '@yinglian/policy';
import { sql } from 'kysely';
import type { Context } from '../kernel/context.ts';
import type { Queryable } from '../kernel/database/database.ts';
import { found, invalid } from '../kernel/refusal.ts';
import { departmentOf, type PolicyParts, todayOf } from './parts.ts';

type ControlRow = {
  readonly id: string;
  readonly holderId: string;
  readonly holder: string;
  readonly heldId: string;
  readonly held: string;
  readonly shareBasisPoints: number;
  readonly controls: boolean;
  readonly basis: string;
};

/** Control between firms that stands now. */
export async function readControls(database: Queryable): Promise<ControlRow[]> {
  const result = await sql<ControlRow>`
    select control.id, control.holder_id as "holderId", holder.name as holder,
      control.held_id as "heldId", held.name as held,
      control.share_basis_points as "shareBasisPoints", control.controls, control.basis
    from policy.control as control
    join kernel.organisation as holder on holder.id = control.holder_id
    join kernel.organisation as held on held.id = control.held_id
    where control.ended_on is null order by control.created_at, control.id
  `.execute(database);
  return result.rows;
}

/**
 * The organisations that count as one applicant with this one, itself among them: affiliates by
 * control in any chain. The first names the group, whoever of them asks.
 */
export async function applicantGroup(
  database: Queryable,
  organisationId: string,
): Promise<readonly string[]> {
  const controls = (await readControls(database)).map(
    ({ holderId: holder, heldId: held, shareBasisPoints, controls: rules }) => ({
      holder,
      held,
      shareBasisPoints,
      controls: rules,
    }),
  );
  const all = [...new Set([organisationId, ...controls.flatMap((c) => [c.holder, c.held])])];
  const groups = applicantGroups(all, controls);
  const root = groups.get(organisationId) ?? organisationId;
  return [root, ...all.filter((each) => each !== root && groups.get(each) === root).sort()];
}

export type ControlService = ReturnType<typeof createControlService>;

/** Control between firms, as departments find it recorded. */
export function createControlService(parts: PolicyParts) {
  const { database, write, requireAccess, newId } = parts;
  return {
    async controls(context: Context) {
      await requireAccess(context, 'policy.read');
      await departmentOf(database, context);
      return { rows: await readControls(database) };
    },

    async recordControl(
      context: Context,
      given: Omit<ControlRow, 'id' | 'holder' | 'held'>,
    ): Promise<ControlRow> {
      const { organisationId } = await requireAccess(context, 'policy.audit');
      await departmentOf(database, context);
      if (given.holderId === given.heldId) {
        throw invalid(finding('invalid_value', 'error', { at: { field: 'heldId' } }));
      }
      const known = await database
        .selectFrom('kernel.organisation')
        .select('id')
        .where('id', 'in', [given.holderId, given.heldId])
        .execute();
      if (known.length < 2) throw found(null, { id: given.heldId });
      const id = newId();
      await write(context, async (work) => {
        await sql`
          insert into policy.control (id, holder_id, held_id, share_basis_points, controls, basis,
            department_id)
          values (${id}, ${given.holderId}, ${given.heldId}, ${given.shareBasisPoints},
            ${given.controls}, ${given.basis}, ${organisationId})
        `.execute(work.transaction);
        work.audit({
          action: 'policy.control_recorded',
          subjectKind: 'organisation',
          subjectId: given.heldId,
          facts: { holder: given.holderId, share: given.shareBasisPoints, basis: given.basis },
        });
      });
      const rows = await readControls(database);
      return found(
        rows.find((each) => each.id === id),
        { id },
      );
    },

    async endControl(context: Context, id: string): Promise<void> {
      await requireAccess(context, 'policy.audit');
      await departmentOf(database, context);
      await write(context, async (work) => {
        const done = await sql`
          update policy.control set ended_on = ${todayOf(parts)}
          where id = ${id} and ended_on is null
        `.execute(work.transaction);
        if (done.numAffectedRows !== 1n) throw found(null, { id });
        work.audit({
          action: 'policy.control_ended',
          subjectKind: 'policy_control',
          subjectId: id,
        });
      });
    },
  };
}
