import { finding } from '@yinglian/core';
import { checkFields, type Fields, identityOf } from '@yinglian/register';
import { sql } from 'kysely';
import type { Context } from '../../kernel/context.ts';
import type { Queryable } from '../../kernel/database/database.ts';
import { grantFiles } from '../../kernel/files/grants.ts';
import type { ReadStoredFile } from '../../kernel/files/read.ts';
import { afterInstant, pageOf, type PageQuery } from '../../kernel/pages.ts';
import { conflict, found, invalid, versionConflict } from '../../kernel/refusal.ts';
import { jsonText } from '../../kernel/write.ts';
import { EVIDENCE_BYTES_MAX, refuseUnsafe } from '../evidence.ts';
import { type PolicyParts, todayOf } from '../parts.ts';
import {
  definitionOf,
  type EntryRow,
  listEntries,
  listRegisters,
  readDocuments,
  readEntry,
  readRounds,
} from './repository.ts';
import { registerTables } from './tables.ts';
import { entryView, type EntryView } from './views.ts';

type EntryFields = { readonly fields: Fields; readonly roundId: string | null };

/** Documents of one entry. */
const DOCUMENTS_MAX = 100;

export type EntriesService = ReturnType<typeof createEntriesService>;

/** What a holder does with its entries, and how whoever reaches one sees it. */
export function createEntriesService(parts: PolicyParts & { readonly readFile: ReadStoredFile }) {
  const { database, write, requireAccess, newId } = parts;
  const view = (queryable: Queryable, context: Context, id: string): Promise<EntryView> =>
    entryView(queryable, context, id, todayOf(parts));

  return {
    async entries(
      context: Context,
      query: PageQuery & {
        registerId?: string | undefined;
        roundId?: string | undefined;
        state?: string | undefined;
      },
    ) {
      const { organisationId } = await requireAccess(context, 'policy.read');
      const { registerId, roundId, state, limit } = query;
      const after = afterInstant(query);
      const rows = await listEntries(database, {
        organisationId,
        registerId,
        roundId,
        state,
        after,
        limit,
      });
      const seen = pageOf(
        rows,
        query,
        ({ sortKey, row }) => [sortKey, row.id],
        ({ row }) => row.id,
      );
      const shown: EntryView[] = [];
      for (const id of seen.rows) shown.push(await view(database, context, id));
      return { rows: shown, next: seen.next };
    },

    async entry(context: Context, id: string): Promise<EntryView> {
      await requireAccess(context, 'policy.read', { kind: 'policy_register_entry', ids: [id] });
      return view(database, context, id);
    },

    async create(context: Context, registerId: string, sent: EntryFields): Promise<EntryView> {
      const { organisationId } = await requireAccess(context, 'policy.apply');
      const register = found((await listRegisters(database, registerId))[0], { id: registerId });
      refuseWrong(register.kind, sent.fields);
      await refuseRound(database, { registerId, kind: register.kind }, sent, todayOf(parts));
      const id = newId();
      return write(context, async (work) => {
        await registerTables(work.transaction)
          .insertInto('policy.register_entry')
          .values({
            id,
            register_id: registerId,
            round_id: sent.roundId,
            holder_id: organisationId,
            state: 'draft',
            fields: jsonText(sent.fields),
            identity: identityOf(definitionOf(register.kind), sent.fields) ?? null,
          })
          .execute();
        work.audit({
          action: 'policy.entry_drafted',
          subjectKind: 'policy_register_entry',
          subjectId: id,
          facts: { kind: register.kind },
        });
        work.changed({ kind: 'policy_register_entry', id });
        return view(work.transaction, context, id);
      });
    },

    async update(context: Context, id: string, sent: EntryFields & { version: number }) {
      await requireAccess(context, 'policy.apply', { kind: 'policy_register_entry', ids: [id] });
      return write(context, async (work) => {
        const { transaction } = work;
        const row = await ownOpenEntry(transaction, context, id);
        if (row.version !== sent.version) {
          throw versionConflict(await view(transaction, context, id), sent);
        }
        refuseWrong(row.kind, sent.fields);
        await refuseRound(
          transaction,
          { registerId: row.register_id, kind: row.kind },
          row.state === 'draft' ? sent : { ...sent, roundId: row.round_id },
          row.state === 'draft' ? todayOf(parts) : undefined,
        );
        await registerTables(transaction)
          .updateTable('policy.register_entry')
          .set({
            fields: jsonText(sent.fields),
            identity: identityOf(definitionOf(row.kind), sent.fields) ?? null,
            ...(row.state === 'draft' ? { round_id: sent.roundId } : {}),
            version: row.version + 1,
            updated_at: sql<Date>`now()`,
          })
          .where('id', '=', id)
          .execute();
        work.audit({
          action: 'policy.entry_changed',
          subjectKind: 'policy_register_entry',
          subjectId: id,
          facts: { version: row.version + 1 },
        });
        work.changed({ kind: 'policy_register_entry', id });
        return view(transaction, context, id);
      });
    },

    async addDocument(
      context: Context,
      id: string,
      given: { fileId: string; code: string },
    ): Promise<EntryView> {
      await requireAccess(context, 'policy.apply', { kind: 'policy_register_entry', ids: [id] });
      const file = await parts.readFile(context, given.fileId, EVIDENCE_BYTES_MAX);
      refuseUnsafe(file);
      return write(context, async (work) => {
        const { transaction } = work;
        const row = await ownOpenEntry(transaction, context, id);
        if ((await readDocuments(transaction, id)).length >= DOCUMENTS_MAX) {
          const facts = { maximum: DOCUMENTS_MAX };
          throw invalid(finding('excessive_value', 'error', { facts }));
        }
        await registerTables(transaction)
          .insertInto('policy.register_document')
          .values({
            id: newId(),
            entry_id: id,
            code: given.code,
            file_id: file.id,
            file_name: file.name,
            digest: file.digest,
            size_bytes: BigInt(file.sizeBytes),
            media_type: file.mediaType,
          })
          .execute();
        // A document of a draft is nobody else's yet; filing opens it to the department.
        if (row.filed_on !== null) {
          await grantFiles(transaction, [{ fileId: file.id, organisationId: row.department_id }]);
        }
        work.audit({
          action: 'policy.entry_document_added',
          subjectKind: 'policy_register_entry',
          subjectId: id,
          facts: { code: given.code, digest: file.digest },
        });
        work.changed({ kind: 'policy_register_entry', id });
        return view(transaction, context, id);
      });
    },
  };
}

function refuseWrong(kind: string, fields: Fields): void {
  const faults = checkFields(definitionOf(kind), fields);
  if (faults.length > 0) throw invalid(...faults);
}

/** What is selected belongs to a round that is open; what is examined belongs to none. */
async function refuseRound(
  database: Queryable,
  register: { readonly registerId: string; readonly kind: string },
  { roundId }: EntryFields,
  today: string | undefined,
): Promise<void> {
  const selects = definitionOf(register.kind).selection !== null;
  if (roundId === null) {
    if (selects) throw invalid(finding('missing_round', 'error', { at: { field: 'roundId' } }));
    return;
  }
  const round = (await readRounds(database, { id: roundId }))[0];
  if (!selects || round?.registerId !== register.registerId) {
    throw invalid(finding('foreign_round', 'error', { at: { field: 'roundId' } }));
  }
  const open = today === undefined || (today >= round.opensOn && today <= round.closesOn);
  if (open && round.decidedOn === null) return;
  const facts = { from: round.opensOn, to: round.closesOn };
  throw conflict(finding('closed_call', 'error', { facts }));
}

/** The holder's own entry, locked, while it may still be written: a draft or a correction. */
async function ownOpenEntry(database: Queryable, context: Context, id: string): Promise<EntryRow> {
  const row = found(await readEntry(database, id, true), { id });
  if (row.holder_id !== context.organisation?.id) {
    throw conflict(finding('foreign_claim', 'error'));
  }
  if (row.state !== 'draft' && row.state !== 'correction') {
    throw conflict(finding('closed_claim', 'error', { facts: { state: row.state } }));
  }
  return row;
}
