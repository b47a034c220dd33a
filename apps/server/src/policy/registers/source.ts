import { type Fen, type Finding, finding, parseRatio, shareFen } from '@yinglian/core';
import { standingFault } from '@yinglian/register';
import type { Queryable } from '../../kernel/database/database.ts';
import { definitionOf, readEntry, recordOf } from './repository.ts';

/** A claim as far as it rests on an entry. */
type Resting = { readonly source_entry_id: string | null; readonly source_share: string };

/** Why the entry that a claim rests on does not carry it any more; nothing where it does. */
export async function sourceFaults(
  database: Queryable,
  claim: Resting,
  on: string,
): Promise<readonly Finding[]> {
  if (claim.source_entry_id === null) return [];
  const row = await readEntry(database, claim.source_entry_id);
  if (row === undefined) return [finding('missing_record', 'error')];
  const fault = standingFault(definitionOf(row.kind), await recordOf(database, row), on);
  return fault === undefined ? [] : [fault];
}

/** The claimant's part of a bound, where several share one award; rounded down. */
export function sharedBound(claim: Pick<Resting, 'source_share'>, boundFen: Fen): Fen {
  const share = parseRatio(claim.source_share);
  return share === undefined ? boundFen : shareFen(boundFen, share, 'floor');
}
