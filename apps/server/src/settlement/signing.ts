import { createPrivateKey, generateKeyPairSync, sign } from 'node:crypto';
import { type PartyStatement, type Statement, statementSignedBytes } from '@yinglian/settlement';
import { sql } from 'kysely';
import type { Queryable } from '../kernel/database/database.ts';
import type { Vault } from '../kernel/vault.ts';
import type { Work } from '../kernel/write.ts';

/** Keys that sign statements are sealed under a purpose of their own. */
const PURPOSE = 'settlement.signing_key';

export type SigningParts = { readonly vault: Vault; readonly newId: () => string };
export type SignatureRole = 'issuer' | 'acceptor';

/** Signs a statement with the organisation's key (Ed25519, RFC 8032), made when first needed. */
export async function signStatement(
  work: Work,
  parts: SigningParts,
  signing: {
    readonly statementId: string;
    readonly statement: Statement | PartyStatement;
    readonly role: SignatureRole;
    readonly organisation: { readonly id: string; readonly name: string };
  },
): Promise<void> {
  const { statementId, statement, role, organisation } = signing;
  const { id, privateKey } = await signingKey(work, parts, organisation.id);
  const key = createPrivateKey({ key: Buffer.from(privateKey), format: 'der', type: 'pkcs8' });
  const signature = sign(null, statementSignedBytes(statement, role), key);
  await sql`insert into settlement.statement_signature
      (statement_id, role, organisation_id, organisation_name, key_id, signature)
    values (${statementId}, ${role}, ${organisation.id}, ${organisation.name}, ${id},
      ${signature})`.execute(work.transaction);
}

/** Signs bytes with the organisation's key; what they mean must be said in them. */
export async function signForOrganisation(
  work: Work,
  parts: SigningParts,
  organisationId: string,
  bytes: Uint8Array,
): Promise<{ readonly publicKey: string; readonly signature: string }> {
  const { id, privateKey } = await signingKey(work, parts, organisationId);
  const key = createPrivateKey({ key: Buffer.from(privateKey), format: 'der', type: 'pkcs8' });
  const known = await sql<{ public_key: Buffer }>`
    select public_key from settlement.signing_key where id = ${id}`.execute(work.transaction);
  return {
    publicKey: known.rows[0]!.public_key.toString('base64'),
    signature: sign(null, bytes, key).toString('base64'),
  };
}

async function signingKey(
  work: Work,
  { vault, newId }: SigningParts,
  organisationId: string,
): Promise<{ id: string; privateKey: Uint8Array }> {
  const known = await sql<{ id: string; sealed_private_key: Buffer }>`
    select id, sealed_private_key from settlement.signing_key
    where organisation_id = ${organisationId} and retired_at is null`.execute(work.transaction);
  const [row] = known.rows;
  if (row !== undefined)
    return { id: row.id, privateKey: vault.open(PURPOSE, row.sealed_private_key) };
  const made = generateKeyPairSync('ed25519');
  const privateKey = made.privateKey.export({ format: 'der', type: 'pkcs8' });
  const publicKey = made.publicKey.export({ format: 'der', type: 'spki' });
  const id = newId();
  const inserted = await sql<{ id: string }>`
    insert into settlement.signing_key
      (id, organisation_id, algorithm, public_key, sealed_private_key)
    values (${id}, ${organisationId}, 'Ed25519', ${publicKey},
      ${Buffer.from(vault.seal(PURPOSE, privateKey))})
    on conflict (organisation_id) where retired_at is null do nothing
    returning id`.execute(work.transaction);
  // Somebody else made it meanwhile: theirs is the organisation's key.
  if (inserted.rows.length === 0) return signingKey(work, { vault, newId }, organisationId);
  work.audit({
    action: 'settlement.signing_key_made',
    subjectKind: 'signing_key',
    subjectId: id,
    organisationId,
  });
  return { id, privateKey };
}

/** The signatures on a statement, in the form in which a proof carries them. */
export async function readSignatures(database: Queryable, statementId: string) {
  const result = await sql<{
    role: SignatureRole;
    organisation_name: string;
    public_key: Buffer;
    signature: Buffer;
    signed_at: Date;
  }>`select s.role, s.organisation_name, k.public_key, s.signature, s.signed_at
    from settlement.statement_signature s join settlement.signing_key k on k.id = s.key_id
    where s.statement_id = ${statementId} order by s.role desc`.execute(database);
  return result.rows.map((row) => ({
    role: row.role,
    algorithm: 'Ed25519' as const,
    organisation: row.organisation_name,
    publicKey: row.public_key.toString('base64'),
    signature: row.signature.toString('base64'),
    signedAt: row.signed_at.toISOString(),
  }));
}
