import { contract } from '@yinglian/contract';
import { finding } from '@yinglian/core';
import type { RequireAccess } from '../access/access.ts';
import type { Database } from '../database/database.ts';
import { mountGroup, type MountedGroup } from '../http/routes.ts';
import { afterKey, pageOf } from '../pages.ts';
import { invalid } from '../refusal.ts';
import { verifyAudit } from './audit.ts';

export type AuditRoutesOptions = {
  readonly database: Database;
  readonly requireAccess: RequireAccess;
};

export function auditRoutes({ database, requireAccess }: AuditRoutesOptions): MountedGroup {
  return mountGroup('audit', contract.audit, {
    async list({ query }, context) {
      const { organisationId } = await requireAccess(context, 'organisation.administer');
      let rows = database
        .selectFrom('kernel.audit')
        .selectAll()
        .where('organisation_id', '=', organisationId)
        .orderBy('sequence', 'desc')
        .limit(query.limit + 1);
      const after = afterKey(query)?.[0];
      if (after !== undefined) {
        if (!/^\d{1,18}$/.test(after)) throw invalid(finding('invalid_page', 'error'));
        rows = rows.where('sequence', '<', BigInt(after));
      }
      if (query.subject !== undefined) rows = rows.where('subject_id', '=', query.subject);
      if (query.search !== undefined) rows = rows.where('action', 'like', `%${query.search}%`);
      return pageOf(
        await rows.execute(),
        query,
        (row) => [String(row.sequence)],
        (row) => ({
          sequence: Number(row.sequence),
          at: row.at.toISOString(),
          actor: row.actor,
          action: row.action,
          subjectKind: row.subject_kind,
          subjectId: row.subject_id,
          facts: row.facts as Record<string, unknown>,
          hash: row.hash,
        }),
      );
    },
    async verify(_request, context) {
      await requireAccess(context, 'network.administer');
      const { entries, intact, findings } = await verifyAudit(database);
      return { entries, intact, findings: [...findings] };
    },
  });
}
