import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Certificate, makeChain, readCertificates } from '@yinglian/certificates';
import type { Outcome } from '@yinglian/core';
import { generateRsaKey, nodeCryptography, readPrivateKey, type RsaKeyPair } from '@yinglian/host';
import type { KdmBatch, KdmRecipient } from '@yinglian/kdm';

export const FIXTURES = resolve(
  dirname(fileURLToPath(import.meta.url)),
  '../../../../shared/fixtures/dcp',
);
export const HAS_FIXTURES = existsSync(FIXTURES);
if (!HAS_FIXTURES) console.warn('skipped: the fixtures are not beside the checkout');
export const HAS_XMLSEC = spawnSync('xmlsec1', ['--version']).status === 0;
if (!HAS_XMLSEC) console.warn('skipped: xmlsec1 is not installed');
export const HAS_OPENSSL = spawnSync('openssl', ['version']).status === 0;
if (!HAS_OPENSSL) console.warn('skipped: openssl is not installed');

export function value<T>(outcome: Outcome<T>): T {
  if (!outcome.ok) throw new Error(outcome.findings.map((each) => each.code).join());
  return outcome.value;
}

export type Maker = 'filmnet' | 'acmeplayers' | 'oldstar';

export function fixtureChain(name: Maker): readonly Certificate[] {
  return ['leaf.signed', 'intermediate.signed', 'ca.self-signed'].flatMap((file) => [
    ...value(
      readCertificates(readFileSync(join(FIXTURES, `generated/chains/${name}/${file}.pem`))),
    ),
  ]);
}

export function fixtureKey(path: string): Uint8Array {
  const key = readPrivateKey(readFileSync(join(FIXTURES, path)));
  if (key === undefined) throw new Error(`${path} is no private key`);
  return key;
}

/** Composition and key ids of the encrypted package. */
export function fixtureComposition(): { id: string; keyIds: string[] } {
  const folder = join(FIXTURES, 'generated/dcp/smpte-encrypted');
  const file = readdirSync(folder).find((name) => name.startsWith('cpl'))!;
  const text = readFileSync(join(folder, file), 'utf8');
  return {
    id: /<Id>urn:uuid:([^<]+)/.exec(text)![1]!,
    keyIds: [...text.matchAll(/<KeyId>urn:uuid:([^<]+)/g)].map((match) => match[1]!),
  };
}

export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;
export const NOW = Date.UTC(2026, 10, 22, 12);

export type Cast = {
  readonly keys: { root: RsaKeyPair; intermediate: RsaKeyPair; leaf: RsaKeyPair };
  readonly device: RsaKeyPair;
  readonly signer: readonly Certificate[];
  readonly recipient: readonly Certificate[];
  readonly projector: readonly Certificate[];
  readonly batch: KdmBatch;
  readonly to: KdmRecipient;
};

const CPL_ID = '39c755f0-8ee7-4215-aabd-98b20ff0cfae';
export const KEY_IDS = [
  '42589da1-82c9-4de4-ab24-f24f2f76fada',
  '9684dd5a-b170-4514-bb2f-a5ba49aa845b',
] as const;
/** Texts that must never be seen outside a block. */
export const KEY_BYTES = [
  Buffer.from('SECRET-KEY-PART1'),
  Buffer.from('SECRET-KEY-PART2'),
] as const;

/** A signer, a media block and a projector, made here, and a batch for them. */
export async function cast(): Promise<Cast> {
  const [root, intermediate, leaf, device] = await Promise.all(
    [1, 2, 3, 4].map(() => generateRsaKey()),
  );
  const keys = { root: root!, intermediate: intermediate!, leaf: leaf! };
  const request = {
    organization: 'test.example',
    organizationUnit: 'test.example',
    notBefore: NOW - 100 * DAY,
    notAfter: NOW + 1000 * DAY,
    serials: { root: 1n, intermediate: 2n, leaf: 3n },
  };
  const chain = async (name: string, roles: string[], pair: RsaKeyPair, leafSerial: bigint) =>
    value(
      await makeChain(
        { ...request, name, roles, serials: { ...request.serials, leaf: leafSerial } },
        { ...keys, leaf: pair },
        nodeCryptography,
      ),
    );
  const signer = await chain('signer', ['CS'], keys.leaf, 3n);
  const recipient = await chain('maker.block.1', ['SM', 'MIC'], device!, 4n);
  const projector = await chain('maker.projector.2', ['PR'], keys.leaf, 5n);
  const batch: KdmBatch = {
    cplId: CPL_ID,
    contentTitle: '影联 <Film> & "Co"',
    standard: 'smpte',
    keys: [
      { keyId: KEY_IDS[0], keyType: 'MDIK', key: KEY_BYTES[0] },
      { keyId: KEY_IDS[1], keyType: 'MDAK', key: KEY_BYTES[1] },
    ],
    signer: { chain: signer, privateKey: keys.leaf.privateKey },
    issueDate: { instant: NOW, offsetMinutes: 480 },
  };
  const to: KdmRecipient = {
    chain: recipient,
    window: {
      notBefore: { instant: NOW + DAY, offsetMinutes: 480 },
      notAfter: { instant: NOW + 8 * DAY, offsetMinutes: 480 },
    },
    formulation: 'modified-transitional-1',
  };
  return { keys, device: device!, signer, recipient, projector, batch, to };
}

export async function withFolder<T>(body: (folder: string) => Promise<T> | T): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'yinglian-kdm-'));
  try {
    return await body(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
