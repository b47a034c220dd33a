import { sql } from 'kysely';
import type { Transaction } from '../database/database.ts';

export type FileGrant = { readonly fileId: string; readonly organisationId: string };

/** Lets organisations read files that were made for them; repeating a grant changes nothing. */
export async function grantFiles(
  transaction: Transaction,
  grants: readonly FileGrant[],
): Promise<void> {
  if (grants.length === 0) return;
  await sql`
    insert into kernel.file_grant (file_id, organisation_id)
    select * from unnest(
      ${grants.map((each) => each.fileId)}::uuid[],
      ${grants.map((each) => each.organisationId)}::uuid[])
    on conflict do nothing`.execute(transaction);
}
