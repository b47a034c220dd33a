import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Certificate,
  type CertificateRequest,
  makeCertificate,
  writePem,
} from '@yinglian/certificates';
import { generateRsaKey, nodeCryptography, type RsaKeyPair } from '@yinglian/host';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { main } from '../src/index.ts';
import { EXIT } from '../src/kernel/exit-codes.ts';

const folder = mkdtempSync(join(tmpdir(), 'yinglian-certificates-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let out = '';
beforeEach(() => {
  out = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => ((out += String(text)), true));
  vi.spyOn(process.stderr, 'write').mockImplementation(() => true);
});
afterEach(() => vi.restoreAllMocks());

const DAY = 86_400_000;
// Certificates tell whole seconds.
const NOW = Math.floor(Date.now() / 1000) * 1000;
let [rootKey, middleKey, leafKey] = [] as unknown as RsaKeyPair[];
beforeAll(async () => {
  [rootKey, middleKey, leafKey] = await Promise.all([1, 2, 3].map(() => generateRsaKey()));
});

let serial = 1n;
async function made(
  request: Pick<CertificateRequest, 'kind' | 'entity'> & Partial<CertificateRequest>,
  key: RsaKeyPair,
  issuer?: { readonly certificate: Certificate; readonly key: RsaKeyPair },
): Promise<Certificate> {
  const outcome = await makeCertificate(
    {
      organizationUnit: 'unit',
      publicKey: key.publicKey,
      serial: serial++,
      notBefore: NOW - 10 * DAY,
      notAfter: NOW + 10 * DAY,
      ...(issuer === undefined ? { organization: 'p.example' } : {}),
      ...request,
    },
    issuer === undefined
      ? { privateKey: key.privateKey }
      : { privateKey: issuer.key.privateKey, certificate: issuer.certificate },
    nodeCryptography,
  );
  if (!outcome.ok) throw new Error(outcome.findings.map((each) => each.code).join());
  return outcome.value;
}

const root = (more: Partial<CertificateRequest> = {}) =>
  made({ kind: 'authority', entity: 'root', ...more }, rootKey!);

type Checked = {
  readonly certificates: readonly { readonly serialNumber: string }[];
  readonly findings: readonly { readonly code: string; readonly at?: { certificate?: string } }[];
};

/** What `cert check` answers of certificates in one file. */
async function check(certificates: readonly Certificate[], ...more: string[]) {
  const path = join(folder, 'given.pem');
  writeFileSync(path, certificates.map((each) => writePem('CERTIFICATE', each.der)).join(''));
  out = '';
  const code = await main(['--json', '--language', 'en', 'cert', 'check', path, ...more]);
  return { code, ...(JSON.parse(out) as Checked) };
}

describe('[CE21] certificates that are checked together', () => {
  it('are all shown and judged, also two roots of one name and key', async () => {
    const past = { notBefore: NOW - 20 * DAY, notAfter: NOW - 15 * DAY };
    const [current, old] = [await root(), await root(past)];
    const both = await check([current, old]);
    expect(both.certificates.map(({ serialNumber }) => serialNumber)).toEqual([
      String(current.serial),
      String(old.serial),
    ]);
    expect(both.findings.map(({ code }) => code)).toEqual(['expired_certificate']);
  });

  it('may have an authority that was renewed, which is judged as the authority it is', async () => {
    const top = await root();
    const above = { certificate: top, key: rootKey! };
    const middle = { kind: 'authority', entity: 'middle', pathLength: 0 } as const;
    const current = await made(middle, middleKey!, above);
    const before = await made(middle, middleKey!, above);
    const leaf = await made({ kind: 'leaf', entity: 'a.b.1', roles: ['SM'] }, leafKey!, {
      certificate: current,
      key: middleKey!,
    });
    const { code, certificates, findings } = await check([leaf, before, current, top]);
    expect([code, findings]).toEqual([EXIT.done, []]);
    expect(certificates.length).toBe(4);
  });

  it('tell of an authority once, however many stand below it', async () => {
    const top = await root({ notBefore: NOW - 20 * DAY, notAfter: NOW - 1 * DAY });
    const above = { certificate: top, key: rootKey! };
    const leaves: Certificate[] = [];
    for (const entity of ['a.b.1', 'a.b.2', 'a.b.3']) {
      const within = { notBefore: NOW - 20 * DAY, notAfter: NOW - 2 * DAY };
      const request = { kind: 'leaf', entity, roles: ['SM'], ...within } as const;
      leaves.push(await made(request, leafKey!, above));
    }
    const { findings } = await check([...leaves, top]);
    expect(findings.map((each) => [each.code, each.at?.certificate])).toEqual(
      [leaves[0]!, top, leaves[1]!, leaves[2]!].map((each) => [
        'expired_certificate',
        each.subject.text,
      ]),
    );
  });

  it('are refused where they have more authorities than chains are made of', async () => {
    const authorities: Certificate[] = [];
    for (let count = 0; count < 1001; count++) authorities.push(await root());
    const leaf = await made({ kind: 'leaf', entity: 'a.b.1', roles: ['SM'] }, leafKey!, {
      certificate: authorities[0]!,
      key: rootKey!,
    });
    const { code, findings } = await check([leaf, ...authorities]);
    expect(code).toBe(EXIT.faulty);
    const count = findings.filter((each) => each.code === 'excessive_certificate_count').length;
    expect(count).toBe(1);
  });
});
