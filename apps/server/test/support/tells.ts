import { sql } from 'kysely';
import {
  noteSaid,
  plantPrivateKeys,
  plantSecrets,
} from '../../../../test/discipline/planted.ts';
import { openContentKeys } from '../../src/distribution/content-keys.ts';
import { openCustody } from '../../src/distribution/custody/custody.ts';
import { readSigner } from '../../src/distribution/signer.ts';
import type { Network } from '../../src/network.ts';

/** What people and operators read of a network: its log, its jobs, its audit. */
const READ = ['kernel.job', 'kernel.job_step', 'kernel.audit'] as const;

/**
 * Before a test network goes: its content keys and its signers' keys are planted, and what it wrote
 * for people is noted, so that the end of the run can look for the ones in the others.
 */
export async function noteNetwork(
  { running }: Network,
  logLines: readonly string[],
): Promise<void> {
  const { database, vault, settings } = running.kernel;
  noteSaid(`${logLines.join('\n')}\n`);
  for (const table of READ) {
    const { rows } = await sql<{ text: string }>`
      select row_to_json(record)::text as text from ${sql.table(table)} as record
    `.execute(database);
    noteSaid(rows.map((row) => `${row.text}\n`).join(''));
  }
  const custody = openCustody({ database, vault, keepers: settings.keepers });
  const { rows } = await sql<{ id: string }>`
    select distinct package_id as id from distribution.content_key`.execute(database);
  for (const { id } of rows) {
    const keys = await openContentKeys({ database, custody }, id);
    plantSecrets(keys.map((each) => each.key));
  }
  const signing = await sql<{ id: string }>`
    select distinct organisation_id as id from distribution.signer`.execute(database);
  for (const { id } of signing.rows) {
    const signer = await readSigner(database, custody, id);
    if (signer !== undefined) plantPrivateKeys([signer.privateKey]);
  }
}
