import {
  type Certificate,
  makeChain,
  readCertificate,
  serialFromRandom,
} from '@yinglian/certificates';
import { assert, type Cryptography, type PrivateKeyBytes } from '@yinglian/core';
import { generateRsaKey, randomBytes } from '@yinglian/host';
import { sql } from 'kysely';
import type { Queryable } from '../kernel/database/database.ts';
import type { Work } from '../kernel/write.ts';
import type { Custody } from './custody/custody.ts';
import type { DistributionTables } from './tables.ts';

export type Signer = {
  /** Leaf first, up to the root. */
  readonly chain: readonly Certificate[];
  readonly privateKey: PrivateKeyBytes;
};

/** Keys of a signer are sealed under a purpose of their own. */
export const SIGNER_PURPOSE = 'distribution.signer';
const VALID_YEARS = 20;
/** ST 430-2 5.2: serial numbers have at most 64 bits; 8 random bytes fill them. */
const SERIAL_BYTES = 8;
const RSA_KEY_BITS = 2048;

const tables = (database: Queryable) => database.withTables<DistributionTables>();

/** The organisation's signer, if it has one. */
export async function readSigner(
  database: Queryable,
  custody: Custody,
  organisationId: string,
): Promise<Signer | undefined> {
  const row = await tables(database)
    .selectFrom('distribution.signer')
    .select(['certificates', 'sealed_private_key', 'custody_id'])
    .where('organisation_id', '=', organisationId)
    .where('retired_at', 'is', null)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  const chain = row.certificates.map((der) => {
    const certificate = readCertificate(new Uint8Array(der));
    assert(certificate.ok, 'a stored certificate can be read');
    return certificate.value;
  });
  const chest = await custody.of(row.custody_id, database);
  return { chain, privateKey: chest.open(SIGNER_PURPOSE, row.sealed_private_key) };
}

/**
 * A fresh chain for an organisation. The keys of its root and intermediate are forgotten at once:
 * nobody can ever issue below them, and a lost leaf is replaced by a new chain.
 */
export async function makeSigner(
  work: Work,
  parts: {
    readonly custody: Custody;
    readonly cryptography: Cryptography;
    readonly id: string;
    readonly now: Date;
  },
  organisation: { readonly id: string; readonly name: string },
): Promise<Signer> {
  const [root, intermediate, leaf] = await Promise.all([
    generateRsaKey(RSA_KEY_BITS),
    generateRsaKey(RSA_KEY_BITS),
    generateRsaKey(RSA_KEY_BITS),
  ]);
  const serial = () => serialFromRandom(randomBytes(SERIAL_BYTES));
  const notAfter = new Date(parts.now);
  notAfter.setUTCFullYear(notAfter.getUTCFullYear() + VALID_YEARS);
  const short = organisation.id.slice(0, 8);
  const made = await makeChain(
    {
      organization: 'yinglian.network',
      organizationUnit: `signer-${short}`,
      name: `signer-${short}`,
      roles: ['CS'],
      notBefore: Math.floor(parts.now.getTime() / DAY_MS) * DAY_MS - DAY_MS,
      notAfter: wholeSecond(notAfter.getTime()),
      serials: { root: serial(), intermediate: serial(), leaf: serial() },
    },
    { root, intermediate, leaf },
    parts.cryptography,
  );
  assert(made.ok, `a signer's chain can be made: ${made.findings[0]?.code ?? ''}`);
  const chest = await parts.custody.current(work.transaction);
  const sealed = chest.seal(SIGNER_PURPOSE, leaf.privateKey);
  const inserted = await tables(work.transaction)
    .insertInto('distribution.signer')
    .values({
      id: parts.id,
      organisation_id: organisation.id,
      certificates: made.value.map((each) => Buffer.from(each.der)),
      sealed_private_key: Buffer.from(sealed),
      custody_id: chest.custodyId,
    })
    .onConflict((conflict) =>
      conflict
        .column('organisation_id')
        .where(sql<boolean>`retired_at is null`)
        .doNothing(),
    )
    .returning('id')
    .executeTakeFirst();
  if (inserted === undefined) {
    const first = await readSigner(work.transaction, parts.custody, organisation.id);
    assert(first !== undefined, 'the signer that was there first can be read');
    return first;
  }
  work.audit({
    action: 'distribution.signer_made',
    subjectKind: 'signer',
    subjectId: parts.id,
    facts: { organisation: organisation.id },
    organisationId: organisation.id,
  });
  return { chain: made.value, privateKey: leaf.privateKey };
}

/** A window may open at midnight in any time zone: the day before is earlier than all of them. */
const DAY_MS = 86_400_000;

function wholeSecond(instant: number): number {
  return Math.floor(instant / 1000) * 1000;
}
