import { type Outcome } from '@yinglian/core';
import { objectKey } from '@yinglian/policy';
import { type Claimant, extractText, type FedClaim, feedClaim } from '@yinglian/register';
import { sql } from 'kysely';
import type { Context } from '../../kernel/context.ts';
import type { Queryable, Transaction } from '../../kernel/database/database.ts';
import type { RegisterFile } from '../../kernel/files/files.ts';
import type { ObjectStore } from '../../kernel/objects/store.ts';
import { conflict, found, versionConflict } from '../../kernel/refusal.ts';
import { jsonText } from '../../kernel/write.ts';
import { type ClaimRecord, claimView, ownOpenClaim } from '../claims.ts';
import { type PolicyParts, todayOf } from '../parts.ts';
import { type ClaimRow, readClaim, readEvidence, tables } from '../repository.ts';
import {
  definitionOf,
  type EntryRow,
  listEntered,
  readDocuments,
  readEntry,
  registeredOf,
} from './repository.ts';
import { headlineOf } from './views.ts';

/** What filling takes from the kernel. */
export type FillParts = PolicyParts & {
  readonly objects: ObjectStore;
  readonly registerFile: RegisterFile;
};

export type FillService = ReturnType<typeof createFillService>;

/** Claims filled from registers: facts and documents, each with the record it comes from. */
export function createFillService(parts: FillParts) {
  const { database, write, requireAccess } = parts;

  return {
    async sources(context: Context, claimId: string) {
      await requireAccess(context, 'policy.apply', { kind: 'policy_claim', ids: [claimId] });
      const claim = found(await readClaim(database, claimId), { id: claimId });
      const claimant = await claimantOf(database, claim);
      const rows = [];
      for (const row of await listEntered(database, {})) {
        const fed = await fedBy(database, row, { claim, claimant, on: todayOf(parts) });
        if (!fed.ok) continue;
        rows.push({
          entryId: row.id,
          number: row.number ?? '',
          headline: headlineOf(row),
          department: row.department,
          share: fed.value.share,
          facts: Object.keys(fed.value.facts),
          evidence: fed.value.evidence.map(({ code }) => code),
        });
      }
      return { rows };
    },

    async fill(
      context: Context,
      claimId: string,
      given: { version: number; entryId: string },
    ): Promise<ClaimRecord> {
      await requireAccess(context, 'policy.apply', { kind: 'policy_claim', ids: [claimId] });
      const today = todayOf(parts);
      // The extract is stored before the change: bytes that nobody names are swept away.
      const extract = await claimedExtract(claimId, given.entryId, today);
      return write(context, async (work) => {
        const { transaction } = work;
        const claim = await ownOpenClaim(transaction, context, claimId);
        if (claim.version !== given.version) {
          throw versionConflict(await claimView(parts, transaction, context, claimId), given);
        }
        const row = found(await readEntry(transaction, given.entryId, true), {
          id: given.entryId,
        });
        const claimant = await claimantOf(transaction, claim);
        const fed = await fedBy(transaction, row, { claim, claimant, on: today });
        if (!fed.ok) throw conflict(...fed.findings);
        await takeFacts(transaction, claim, row, fed.value);
        await takeDocuments(parts, transaction, { claim, row, fed: fed.value, extract });
        work.audit({
          action: 'policy.claim_filled',
          subjectKind: 'policy_claim',
          subjectId: claimId,
          facts: { entry: row.number, version: row.version, share: fed.value.share },
        });
        work.changed({ kind: 'policy_claim', id: claimId });
        return claimView(parts, transaction, context, claimId);
      });
    },
  };

  async function claimedExtract(claimId: string, entryId: string, on: string) {
    const claim = found(await readClaim(database, claimId), { id: claimId });
    const row = found(await readEntry(database, entryId), { id: entryId });
    // Whoever cannot rest on it learns nothing of it, not even that it is there.
    const claimant = await claimantOf(database, claim);
    const fed = await fedBy(database, row, { claim, claimant, on });
    if (!fed.ok) throw row.registered_on === null ? found(null) : conflict(...fed.findings);
    return storeExtract(parts, row, { item: claim.item, year: claim.year, on });
  }

  /** The facts of the register take the place of what was typed; everything else stays. */
  async function takeFacts(
    transaction: Transaction,
    claim: ClaimRow,
    row: EntryRow,
    fed: FedClaim,
  ): Promise<void> {
    await tables(transaction)
      .updateTable('policy.claim')
      .set({
        facts: jsonText({ ...claim.facts, ...fed.facts }),
        object: fed.object,
        object_key: objectKey(fed.object),
        label: fed.share === '' ? '' : claim.applicant,
        event_date: fed.eventDate,
        source_entry_id: row.id,
        source_share: fed.share,
        version: claim.version + 1,
        updated_at: sql<Date>`now()`,
      })
      .where('id', '=', claim.id)
      .execute();
  }
}

/** The extract of an entry as it is kept. */
export type StoredExtract = {
  readonly digest: string;
  readonly sizeBytes: number;
  readonly name: string;
};

/** Stores what an entry says on a day, for the claim that rests on it. */
export async function storeExtract(
  { database, objects }: Pick<FillParts, 'database' | 'objects'>,
  row: EntryRow,
  use: { readonly item: string; readonly year: number; readonly on: string },
): Promise<StoredExtract> {
  const entry = await registeredOf(database, row);
  const bytes = new TextEncoder().encode(extractText(definitionOf(row.kind), entry, use));
  const stored = await objects.put(new Blob([bytes]).stream());
  return { ...stored, name: `${row.number}.txt` };
}

/** The documents of an entry become evidence of a claim, each once. */
export async function takeDocuments(
  { registerFile, newId }: Pick<FillParts, 'registerFile' | 'newId'>,
  transaction: Transaction,
  given: {
    readonly claim: Pick<ClaimRow, 'id' | 'applicant_id'>;
    readonly row: EntryRow;
    readonly fed: FedClaim;
    readonly extract: StoredExtract;
  },
): Promise<void> {
  const { claim, row, fed, extract } = given;
  const documents = await readDocuments(transaction, row.id);
  const known = new Set(
    (await readEvidence(transaction, [claim.id])).map(({ code, digest }) => `${code} ${digest}`),
  );
  for (const { code, from } of fed.evidence) {
    const files =
      from === 'extract'
        ? [{ ...extract, mediaType: 'text/plain' }]
        : documents
            .filter((each) => each.code === from)
            .map((each) => ({
              digest: each.digest,
              sizeBytes: Number(each.size_bytes),
              name: each.file_name,
              mediaType: each.media_type,
            }));
    for (const file of files) {
      if (known.has(`${code} ${file.digest}`)) continue;
      // A file of the claimant's own: the bytes are the register's, named by their digest.
      const record = await registerFile(transaction, {
        organisationId: claim.applicant_id,
        ...file,
      });
      await tables(transaction)
        .insertInto('policy.evidence')
        .values({
          id: newId(),
          claim_id: claim.id,
          code,
          number: null,
          file_id: record.id,
          file_name: file.name,
          digest: file.digest,
        })
        .execute();
    }
  }
}

async function claimantOf(database: Queryable, claim: ClaimRow): Promise<Claimant> {
  const row = await database
    .selectFrom('kernel.organisation')
    .select(['id', 'name', 'credit_code'])
    .where('id', '=', claim.applicant_id)
    .executeTakeFirstOrThrow();
  return { id: row.id, name: row.name, code: row.credit_code };
}

async function fedBy(
  database: Queryable,
  row: EntryRow,
  asked: { readonly claim: ClaimRow; readonly claimant: Claimant; readonly on: string },
): Promise<Outcome<FedClaim>> {
  const { claim, claimant, on } = asked;
  const register = definitionOf(row.kind);
  const entry = await registeredOf(database, row);
  const { instrument, item } = claim;
  return feedClaim(register, entry, { instrument, item, claimant, on });
}
