import { createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  buildStatement,
  sealPeriod,
  type SignerRole,
  type StatementBundle,
  statementSignedBytes,
  type VerifyEd25519,
  verifyStatement,
} from '../src/index.ts';
import { cryptography } from './cryptography.ts';
import { fact, settled, terms } from './support.ts';

const verifyEd25519: VerifyEd25519 = (publicKey, message, signature) => {
  const key = createPublicKey({ key: Buffer.from(publicKey), format: 'der', type: 'spki' });
  return verify(null, message, key, signature);
};

function signer(organisation: string) {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const key = publicKey.export({ format: 'der', type: 'spki' }).toString('base64');
  return {
    key,
    sign: (bundle: StatementBundle, role: SignerRole) => ({
      role,
      algorithm: 'Ed25519' as const,
      organisation,
      publicKey: key,
      signature: sign(null, statementSignedBytes(bundle.statement, role), privateKey).toString(
        'base64',
      ),
      signedAt: '2026-04-01T00:00:00Z',
    }),
  };
}

describe('signatures', () => {
  it('[ST35] hold for their statement, key and role alone', () => {
    const used = terms();
    const settlement = settled(used, [fact(72_000n)]);
    const selection = { id: 'S-1', nonce: '0'.repeat(32), party: 'cinema' };
    const statement = buildStatement(settlement, selection, cryptography);
    const [bundle] = sealPeriod([{ statement, terms: used }], cryptography).bundles;
    const [issuer, acceptor] = [signer('发行方'), signer('院线')];
    const signed = issuer.sign(bundle!, 'issuer');
    const codes = (
      signatures: unknown,
      options: Parameters<typeof verifyStatement>[2] = { verifyEd25519 },
    ) =>
      verifyStatement({ ...bundle, signatures }, cryptography, options)
        .findings.map((each) => each.code)
        .filter((code) => code !== 'unpublished_root');
    expect(codes([signed, acceptor.sign(bundle!, 'acceptor')])).toEqual([
      'unknown_key',
      'unknown_key',
    ]);
    const trusted = { verifyEd25519, trustedKeys: [issuer.key] };
    expect(codes([signed], trusted)).toEqual(['matched_signature']);
    expect(codes([acceptor.sign(bundle!, 'issuer')], trusted)).toEqual(['untrusted_key']);
    expect(codes([signed], {})).toEqual(['unchecked_signature']);
    expect(codes([{ ...signed, role: 'acceptor' }])).toEqual(['mismatched_signature']);
    expect(codes([{ ...signed, publicKey: acceptor.key }])).toEqual(['mismatched_signature']);
    const other = { ...bundle!, statement: { ...bundle!.statement, id: 'S-2' } };
    expect(codes([issuer.sign(other, 'issuer')])).toEqual(['mismatched_signature']);
    for (const bad of ['!', 'A', 7]) {
      expect(codes([{ ...signed, signature: bad }])).toEqual(['invalid_bundle']);
    }
  });
});
