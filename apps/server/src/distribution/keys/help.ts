import { finding } from '@yinglian/core';
import type { RequireAccess } from '../../kernel/access/access.ts';
import type { Context } from '../../kernel/context.ts';
import type { Database } from '../../kernel/database/database.ts';
import { afterInstant, type Page, pageOfListed, type PageQuery } from '../../kernel/pages.ts';
import { conflict, found } from '../../kernel/refusal.ts';
import type { Write } from '../../kernel/write.ts';
import { answerHelp, type HelpRecord, listHelp } from './help-repository.ts';

export type HelpParts = {
  readonly database: Database;
  readonly write: Write;
  readonly requireAccess: RequireAccess;
  readonly now: () => Date;
};

export type HelpService = ReturnType<typeof createHelpService>;

/** Calls for help: a cinema asks from the board, the film's desk answers, both read it. */
export function createHelpService({ database, write, requireAccess, now }: HelpParts) {
  return {
    async list(
      context: Context,
      query: PageQuery & { readonly open?: boolean | undefined },
    ): Promise<Page<HelpRecord>> {
      const { organisationId } = await requireAccess(context, 'distribution.read');
      const after = afterInstant(query);
      const rows = await listHelp(database, { ...query, organisationId, after });
      return pageOfListed(rows, query);
    },

    async answer(context: Context, id: string, text: string): Promise<HelpRecord> {
      const { organisationId, userId } = await requireAccess(context, 'distribution.issue_keys', {
        kind: 'help',
        ids: [id],
      });
      return write(context, async (work) => {
        const answer = { text, userId: userId!, now: now() };
        if (!(await answerHelp(work.transaction, id, answer))) {
          throw conflict(finding('answered_help', 'error'));
        }
        work.audit({ action: 'distribution.help_answered', subjectKind: 'help', subjectId: id });
        work.changed({ kind: 'help', id });
        const rows = await listHelp(work.transaction, { organisationId, ids: [id], limit: 1 });
        return found(rows[0]?.row, { id });
      });
    },
  };
}
