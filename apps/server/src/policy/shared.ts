import { type Finding, finding } from '@yinglian/core';
import { duplicateEvidence, type Instrument } from '@yinglian/policy';
import { sql } from 'kysely';
import type { Queryable } from '../kernel/database/database.ts';
import { instrumentOf } from './instruments/store.ts';
import { type ClaimRow, readEvidence } from './repository.ts';

/** Claims that others see: drafts and what was given up or refused bring nothing. */
const LIVE = sql`claim.state not in ('draft', 'offered', 'withdrawn', 'rejected')`;

/** The documents that the latest rule of an item wants. */
export function evidenceOf({ rules }: Instrument, item: string) {
  return rules.findLast((rule) => rule.item === item)?.evidence ?? [];
}

/**
 * Evidence of other live claims with the same bytes or the same number: an error, a warning where
 * the document may serve several. Providers who share the award of one entry bring its documents
 * together, and the same thing may come again to the same item, where ceilings count it once.
 */
export async function sharedEvidence(
  database: Queryable,
  claim: ClaimRow,
): Promise<readonly Finding[]> {
  const plain = (alias: string) =>
    sql`upper(regexp_replace(${sql.ref(`${alias}.number`)}, '[\\s-]', '', 'g'))`;
  const result = await sql<{ claim: string; digest: string; number: string | null }>`
    select distinct other.claim_id as claim, other.digest, other.number
    from policy.evidence as own
    join policy.evidence as other on other.claim_id <> own.claim_id
      and (other.digest = own.digest
        or (${plain('other')} = ${plain('own')} and ${plain('own')} <> ''))
    join policy.claim as claim on claim.id = other.claim_id and ${LIVE}
    where own.claim_id = ${claim.id}
      and not (claim.applicant_id = ${claim.applicant_id} and claim.item = ${claim.item}
        and claim.object_key = ${claim.object_key})
      and not coalesce(claim.source_entry_id = ${claim.source_entry_id}::uuid
        and claim.source_share <> '' and ${claim.source_share} <> ''
        and claim.applicant_id <> ${claim.applicant_id}, false)
  `.execute(database);
  if (result.rows.length === 0) return [];
  const wanted = evidenceOf(await instrumentOf(database, claim.instrument), claim.item);
  const several = new Set(wanted.filter(({ shared }) => shared === true).map(({ code }) => code));
  const own = await readEvidence(database, [claim.id]);
  const brought = [
    ...own.map((each) => ({ ...each, claim: claim.id, shared: several.has(each.code) })),
    ...result.rows,
  ];
  return duplicateEvidence(
    brought.map(({ number, ...each }) => ({ ...each, ...(number === null ? {} : { number }) })),
  );
}

/** Another applicant's claim on what it calls by the same words: for the department to look at. */
export async function sharedObject(
  database: Queryable,
  claim: ClaimRow,
): Promise<readonly Finding[]> {
  const result = await sql`
    select 1 from policy.claim as claim join policy.call as call on call.id = claim.call_id
    where call.instrument = ${claim.instrument} and claim.item = ${claim.item} and ${LIVE}
      and claim.object_key = ${claim.object_key} and claim.applicant_id <> ${claim.applicant_id}
      and not coalesce(claim.source_entry_id = ${claim.source_entry_id}::uuid, false)
    limit 1
  `.execute(database);
  if (result.rows.length === 0) return [];
  return [finding('duplicate_object', 'warning', { facts: { object: claim.object } })];
}
