import { createHash } from 'node:crypto';
import { type Finding, finding } from '@yinglian/core';
import { sql } from 'kysely';
import type { Database, Transaction } from '../database/database.ts';

/** One change, as the log keeps it. Never put a secret, a key or a password into facts. */
export type AuditEntry = {
  /** `film.create`, `distribution.issue_keys`: hall, dot, verb. */
  readonly action: string;
  readonly subjectKind: string;
  readonly subjectId: string;
  /** Plain JSON; amounts as decimal strings. */
  readonly facts?: { readonly [name: string]: unknown };
  /** Whose log it belongs to; the acting organisation where it is left out. */
  readonly organisationId?: string;
};

export type Recorded = AuditEntry & {
  readonly actor: string | null;
  readonly organisation: string | null;
};

/** Any number: one writer of the chain at a time, until its transaction ends. */
const AUDIT_LOCK = 735_210_079;
const FIRST_HASH = '0'.repeat(64);
const VERIFY_ROWS = 1000;

type Row = {
  readonly sequence: bigint;
  readonly at: string;
  readonly organisation: string | null;
  readonly actor: string | null;
  readonly action: string;
  readonly subjectKind: string;
  readonly subjectId: string;
  readonly facts: string;
};

/** SHA-256 over the entry's parts as one JSON array, with the hash before it as the last part. */
function hashOf(row: Row, previousHash: string): string {
  const parts = [
    String(row.sequence),
    row.at,
    row.organisation,
    row.actor,
    row.action,
    row.subjectKind,
    row.subjectId,
    row.facts,
    previousHash,
  ];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

/**
 * Appends entries to the chain inside the transaction of the change itself. It takes a lock that
 * lasts to the transaction's end, so it is the last thing a transaction does.
 */
export async function appendAudit(
  transaction: Transaction,
  entries: readonly Recorded[],
  now: Date,
): Promise<void> {
  if (entries.length === 0) return;
  await sql`select pg_advisory_xact_lock(${AUDIT_LOCK})`.execute(transaction);
  const last = await transaction
    .selectFrom('kernel.audit')
    .select(['sequence', 'hash'])
    .orderBy('sequence', 'desc')
    .limit(1)
    .executeTakeFirst();
  let sequence = last?.sequence ?? 0n;
  let previousHash = last?.hash ?? FIRST_HASH;
  const rows = entries.map((entry) => {
    sequence += 1n;
    const row: Row = {
      sequence,
      at: now.toISOString(),
      organisation: entry.organisation,
      actor: entry.actor,
      action: entry.action,
      subjectKind: entry.subjectKind,
      subjectId: entry.subjectId,
      facts: JSON.stringify(entry.facts ?? {}, (_, value: unknown) =>
        typeof value === 'bigint' ? String(value) : value,
      ),
    };
    const hash = hashOf(row, previousHash);
    const stored = {
      sequence: row.sequence,
      at: row.at,
      organisation_id: row.organisation,
      actor: row.actor,
      action: row.action,
      subject_kind: row.subjectKind,
      subject_id: row.subjectId,
      facts: row.facts,
      previous_hash: previousHash,
      hash,
    };
    previousHash = hash;
    return stored;
  });
  await transaction.insertInto('kernel.audit').values(rows).execute();
}

export type AuditReport = {
  readonly entries: number;
  readonly intact: boolean;
  readonly findings: readonly Finding[];
  /** Of the last entry: written down elsewhere, it also proves that no tail was cut off. */
  readonly headHash: string;
};

/** Reads the whole chain in pages and names the first entry that does not follow. */
export async function verifyAudit(database: Database): Promise<AuditReport> {
  let previousHash = FIRST_HASH;
  let sequence = 0n;
  let entries = 0;
  for (;;) {
    const rows = await database
      .selectFrom('kernel.audit')
      .select([
        'sequence',
        'at',
        'organisation_id',
        'actor',
        'action',
        'subject_kind',
        'subject_id',
        'previous_hash',
        'hash',
        sql<string>`facts::text`.as('facts'),
      ])
      .where('sequence', '>', sequence)
      .orderBy('sequence')
      .limit(VERIFY_ROWS)
      .execute();
    if (rows.length === 0) return { entries, intact: true, findings: [], headHash: previousHash };
    for (const row of rows) {
      const expected = hashOf(
        {
          sequence: row.sequence,
          at: row.at.toISOString(),
          organisation: row.organisation_id,
          actor: row.actor,
          action: row.action,
          subjectKind: row.subject_kind,
          subjectId: row.subject_id,
          facts: row.facts,
        },
        previousHash,
      );
      const follows = row.sequence === sequence + 1n && row.previous_hash === previousHash;
      if (!follows || row.hash !== expected) {
        const broken = finding(follows ? 'mismatched_hash' : 'missing_entry', 'error', {
          at: { sequence: Number(sequence + 1n) },
          facts: { expected, found: row.hash },
        });
        return { entries, intact: false, findings: [broken], headHash: previousHash };
      }
      entries += 1;
      sequence = row.sequence;
      previousHash = row.hash;
    }
  }
}
