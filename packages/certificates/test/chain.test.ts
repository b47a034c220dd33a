import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Outcome, toBase64, digest } from '@yinglian/core';
import { generateRsaKey, nodeCryptography, type RsaKeyPair } from '@yinglian/host';
import { ALGORITHMS, documentOf, element, readXml, signDocument, writeXml } from '@yinglian/xml';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  type Certificate,
  type CertificateRequest,
  chainValidity,
  checkChain,
  checkSigner,
  expiringCertificates,
  keyInfoOf,
  makeCertificate,
  makeChain,
  NAME_ATTRIBUTES,
  nameValues,
  orderChain,
  serialFromRandom,
  writePem,
} from '@yinglian/certificates';
import {
  certificatesIn,
  FIXTURES,
  fixtureChain,
  HAS_FIXTURES,
  HAS_OPENSSL,
  withFolder,
} from './fixtures.ts';

const YEAR = 365 * 86_400_000;
const FROM = Date.UTC(2026, 0, 1);
let keys: { root: RsaKeyPair; intermediate: RsaKeyPair; leaf: RsaKeyPair };
let chain: readonly Certificate[];

const REQUEST = {
  organization: 'yinglian.example',
  organizationUnit: 'keys.yinglian.example',
  name: 'Signer-1',
  roles: ['CS'],
  notBefore: FROM,
  notAfter: FROM + 10 * YEAR,
  serials: { root: 1n, intermediate: 2n, leaf: (1n << 64n) - 1n },
};

function value<T>(outcome: Outcome<T>): T {
  if (!outcome.ok) throw new Error(outcome.findings.map((each) => each.code).join());
  return outcome.value;
}

beforeAll(async () => {
  const [root, intermediate, leaf] = await Promise.all([
    generateRsaKey(),
    generateRsaKey(),
    generateRsaKey(),
  ]);
  keys = { root: root!, intermediate: intermediate!, leaf: leaf! };
  chain = value(await makeChain(REQUEST, keys, nodeCryptography));
});

const codes = (certificates: readonly Certificate[], check = {}) =>
  checkChain(certificates, check, nodeCryptography).map((each) => `${each.severity} ${each.code}`);

function leafRequest(change: Partial<CertificateRequest> = {}): CertificateRequest {
  return {
    kind: 'leaf',
    organizationUnit: 'unit',
    roles: ['SM', 'MIC'],
    entity: 'maker.model.1',
    publicKey: keys.leaf.publicKey,
    serial: 5n,
    notBefore: FROM,
    notAfter: FROM + YEAR,
    ...change,
  };
}

const issue = (change: Partial<CertificateRequest> = {}) =>
  makeCertificate(
    leafRequest(change),
    { privateKey: keys.intermediate.privateKey, certificate: chain[1]! },
    nodeCryptography,
  );

describe('making', () => {
  it('[CE12] makes chains that are clean under the strict profile', () => {
    expect(
      codes(chain, { profile: 'strict', at: FROM + YEAR, roles: ['CS'], trusted: [chain[2]!] }),
    ).toEqual([]);
    expect(chainValidity(chain)).toEqual({ from: FROM, until: FROM + 10 * YEAR });
  });

  it.runIf(HAS_OPENSSL)('[CE12] openssl verifies them strictly', () =>
    withFolder((folder) => {
      for (const [index, name] of ['leaf', 'intermediate', 'root'].entries()) {
        writeFileSync(join(folder, `${name}.pem`), writePem('CERTIFICATE', chain[index]!.der));
      }
      const at = String(Math.floor((FROM + YEAR) / 1000));
      const verify = (leaf: string) =>
        spawnSync('openssl', [
          'verify',
          '-x509_strict',
          '-check_ss_sig',
          '-attime',
          at,
          '-CAfile',
          join(folder, 'root.pem'),
          '-untrusted',
          join(folder, 'intermediate.pem'),
          leaf,
        ]);
      expect(String(verify(join(folder, 'leaf.pem')).stdout)).toContain('OK');
      const bytes = chain[0]!.der.slice();
      bytes[bytes.length - 1]! ^= 1;
      writeFileSync(join(folder, 'bad.pem'), writePem('CERTIFICATE', bytes));
      expect(verify(join(folder, 'bad.pem')).status).not.toBe(0);
    }),
  );

  it('[CE13] gives every key its qualifier', () => {
    for (const certificate of chain) {
      const expected = toBase64(digest(nodeCryptography, 'sha1', certificate.key.bits));
      expect(nameValues(certificate.subject, NAME_ATTRIBUTES.qualifier)).toEqual([expected]);
    }
  });

  it('[CE14] refuses what would break a rule', async () => {
    const faults: [Partial<CertificateRequest>, string][] = [
      [{ roles: [] }, 'missing_certificate_role'],
      [{ entity: '影联' }, 'invalid_name_text'],
      [{ entity: 'x'.repeat(65) }, 'invalid_name_text'],
      [{ serial: 0n }, 'invalid_serial_number'],
      [{ serial: 1n << 64n }, 'invalid_serial_number'],
      [{ notAfter: FROM }, 'reversed_validity'],
      [{ notAfter: FROM + 11 * YEAR }, 'excessive_certificate_validity'],
      [{ kind: 'authority' }, 'unexpected_certificate_role'],
    ];
    for (const [change, code] of faults) {
      const outcome = await issue(change);
      expect(outcome.ok, code).toBe(false);
      expect(
        outcome.findings.map((each) => each.code),
        code,
      ).toContain(code);
    }
    const below = await makeCertificate(
      leafRequest(),
      { privateKey: keys.leaf.privateKey, certificate: chain[0]! },
      nodeCryptography,
    );
    expect(below.findings.map((each) => each.code)).toEqual(['unexpected_issuer_leaf']);
    const alone = await makeCertificate(
      leafRequest({ organization: 'o' }),
      { privateKey: keys.leaf.privateKey },
      nodeCryptography,
    );
    expect(alone.findings.map((each) => each.code)).toEqual(['missing_certificate_issuer']);
  });

  it('[CE15] gives the same bytes for the same request', async () => {
    expect(value(await issue()).der).toEqual(value(await issue()).der);
    const late = value(await issue({ notAfter: Date.UTC(2035, 0, 1) }));
    expect(late.notAfter).toBe(Date.UTC(2035, 0, 1));
    expect(serialFromRandom(new Uint8Array(8))).toBe(1n);
    expect(serialFromRandom(new Uint8Array(8).fill(255))).toBe((1n << 63n) - 1n);
  });

  it('[CE15] writes times on both sides of 2050', async () => {
    const far = { ...REQUEST, notAfter: Date.UTC(2060, 5, 1, 12, 30, 15) };
    const made = value(await makeChain(far, keys, nodeCryptography));
    expect(made[0].notAfter).toBe(far.notAfter);
    expect(codes(made, { profile: 'strict' })).toEqual([]);
  });
});

describe('judging', () => {
  it.runIf(HAS_FIXTURES)('[CE6] finds each single fault by its code', () => {
    const root = certificatesIn('generated/certs/root.pem')[0]!;
    const ofLeaf = (leaf: Certificate) =>
      checkChain([leaf, root], { profile: 'strict' }, nodeCryptography)
        .filter((each) => each.at['certificate'] === leaf.subject.text)
        .map((each) => each.code);
    const clean = ofLeaf(certificatesIn('generated/certs/valid-leaf.pem')[0]!);
    expect(clean).toEqual(['unexpected_name_encoding']);
    for (const [name, code] of [
      ['dnqualifier-wrong', 'mismatched_name_qualifier'],
      ['key-1024', 'invalid_key_size'],
      ['leaf-is-ca', 'unexpected_leaf_authority'],
      ['no-role', 'missing_certificate_role'],
      ['organization-differs-from-root', 'mismatched_organization'],
      ['signed-sha1', 'unexpected_certificate_hash'],
      ['unknown-critical-extension', 'unknown_critical_extension'],
    ] as const) {
      const leaf = certificatesIn(`generated/certs/${name}.pem`)[0]!;
      expect(ofLeaf(leaf), name).toContain(code);
    }
  });

  it('[CE6] judges values of names, serials and constraints', () => {
    type Change = (certificate: Certificate) => Partial<Certificate>;
    const named =
      (type: string, change: (text: string) => string): Change =>
      ({ subject }) => ({
        subject: {
          ...subject,
          attributes: subject.attributes.map((each) =>
            each.type === type ? { ...each, value: change(each.value) } : each,
          ),
        },
      });
    const { commonName, organizationUnit } = NAME_ATTRIBUTES;
    const faults: [number, string, Change][] = [
      [0, 'error empty_serial_number', () => ({ serial: 0n })],
      [1, 'error empty_name_attribute', named(organizationUnit, () => '')],
      [0, 'error excessive_name_length', named(organizationUnit, () => 'x'.repeat(65))],
      [0, 'error unexpected_name_encoding', named(organizationUnit, () => 'a@b')],
      [1, 'error unexpected_authority_role', named(commonName, (text) => `SM${text}`)],
      [0, 'note duplicate_certificate_role', named(commonName, (text) => `CS ${text}`)],
      [
        2,
        'error unexpected_name_attribute',
        ({ subject }) => {
          const country = { type: NAME_ATTRIBUTES.country, value: 'CN', tag: 19 };
          return { subject: { ...subject, attributes: [...subject.attributes, country] } };
        },
      ],
      [
        0,
        'error unexpected_path_length',
        ({ extensions }) => ({
          extensions: {
            ...extensions,
            basicConstraints: { critical: true, authority: false, pathLength: 3 },
          },
        }),
      ],
      [
        0,
        'error mismatched_authority_serial',
        ({ extensions }) => ({
          extensions: {
            ...extensions,
            authorityKey: { ...extensions.authorityKey, serial: 77n },
          },
        }),
      ],
    ];
    for (const [index, told, change] of faults) {
      const faulty = chain.map((each, at) => (at === index ? { ...each, ...change(each) } : each));
      expect(codes(faulty, { profile: 'strict' }), told).toContain(told);
      const mild = told.replace('error', 'warning');
      expect(codes(faulty), told).toContain(mild);
    }
  });

  it.runIf(HAS_FIXTURES)('[CE7] is milder in the field', () => {
    const root = certificatesIn('generated/certs/root.pem')[0]!;
    const leaf = certificatesIn('generated/certs/organization-differs-from-root.pem')[0]!;
    expect(codes([leaf, root])).toContain('warning mismatched_organization');
    expect(codes([leaf, root], { profile: 'strict' })).toContain('error mismatched_organization');
    expect(codes([leaf, root])).toContain('warning excessive_serial_number');
    expect(codes(fixtureChain('acmeplayers'), { roles: ['SM'] })).toEqual([
      'warning mismatched_certificate_role',
    ]);
  });

  it.runIf(HAS_FIXTURES)('[CE8] puts chains in order', () => {
    const [leaf, intermediate, root] = fixtureChain('filmnet');
    const strangers = fixtureChain('oldstar').slice(1);
    const orders = [
      [root!, leaf!, intermediate!],
      [intermediate!, intermediate!, root!, leaf!],
    ];
    for (const pool of orders) {
      expect(value(orderChain(pool, nodeCryptography))).toEqual([leaf, intermediate, root]);
    }
    expect(
      value(orderChain([...strangers, root!, leaf!, intermediate!], nodeCryptography, leaf)),
    ).toEqual([leaf, intermediate, root]);
    expect(value(orderChain([...strangers, leaf!], nodeCryptography))).toEqual([leaf]);
    const two = orderChain([fixtureChain('oldstar')[0]!, leaf!], nodeCryptography);
    expect(two.findings.map((each) => each.code)).toEqual(['ambiguous_chain_leaf']);
    expect(value(orderChain([leaf!, root!], nodeCryptography))).toEqual([leaf]);
    expect(orderChain([], nodeCryptography).ok).toBe(false);
  });

  it('[CE19] wants of a leaf what it is for', async () => {
    for (const usage of ['digitalSignature', 'keyEncipherment'] as const) {
      const leaf = value(await issue({ usages: [usage] }));
      expect([...leaf.extensions.keyUsage!.usages]).toEqual([usage]);
      const own = [leaf, ...chain.slice(1)];
      expect(codes(own)).toEqual([]);
      expect(codes(own, { usages: [usage] })).toEqual([]);
      expect(codes(own, { profile: 'strict' })).toEqual(['error missing_key_usage']);
      const other = usage === 'digitalSignature' ? 'keyEncipherment' : 'digitalSignature';
      expect(codes(own, { usages: [other] })).toEqual(['error missing_key_usage']);
    }
    const none = { ...chain[0]!.extensions, keyUsage: { critical: true, usages: new Set() } };
    const useless = { ...chain[0]!, extensions: none } as Certificate;
    expect(codes([useless, ...chain.slice(1)])).toEqual(['error missing_key_usage']);
  });

  it('[CE9] judges the chain as a whole', async () => {
    const [leaf, intermediate, root] = chain;
    expect(codes([leaf!, intermediate!])).toEqual(['error incomplete_chain']);
    expect(codes([leaf!, root!])).toContain('error mismatched_certificate_issuer');
    expect(codes(chain, { trusted: [] })).toEqual(['error untrusted_root']);
    expect(codes([])).toEqual(['error missing_certificate']);
    const other = value(
      await makeChain(
        { ...REQUEST, organization: 'other.example' },
        { ...keys, intermediate: keys.root },
        nodeCryptography,
      ),
    );
    expect(codes([leaf!, other[1], other[2]])).toContain('error mismatched_certificate_issuer');
    const forged = { ...leaf!, signature: leaf!.signature.slice().fill(1) };
    expect(codes([forged, intermediate!, root!])).toEqual([
      'error mismatched_certificate_signature',
    ]);
    const outlived = { ...leaf!, notAfter: root!.notAfter + 1 };
    expect(codes([outlived, intermediate!, root!])).toEqual([
      'warning excessive_certificate_validity',
    ]);
    const short = {
      ...root!,
      extensions: {
        ...root!.extensions,
        basicConstraints: { critical: true, authority: true, pathLength: 0 },
      },
    };
    expect(codes([leaf!, intermediate!, short])).toEqual(['error excessive_chain_length']);
  });

  it('[CE10] warns of time, and only warns', () => {
    expect(codes(chain, { at: FROM + 11 * YEAR })).toEqual(
      Array(3).fill('warning expired_certificate'),
    );
    expect(codes(chain, { at: FROM - 1 })).toEqual(Array(3).fill('warning premature_certificate'));
    expect(expiringCertificates(chain, { at: FROM + 10 * YEAR, days: -1 })).toEqual([]);
    expect(
      expiringCertificates(chain, { at: FROM + 10 * YEAR - 86_400_000, days: 2 }),
    ).toHaveLength(3);
  });

  it('[CE11] judges the signer of a document', async () => {
    const document = documentOf(
      element('r', 'urn:r', { declarations: { '': 'urn:r' }, children: ['text'] }),
    );
    const sign = (keyInfo: ReturnType<typeof keyInfoOf>, privateKey = keys.leaf.privateKey) =>
      signDocument(
        document,
        {
          privateKey,
          canonicalization: ALGORITHMS.c14n,
          signatureMethod: ALGORITHMS.rsaSha256,
          digestMethod: ALGORITHMS.sha1,
          covers: 'enveloped',
          keyInfo,
        },
        nodeCryptography,
      );
    const judge = (bytes: Uint8Array) => {
      const report = checkSigner(
        value(readXml(bytes)),
        [{ kind: 'document' }],
        { at: FROM },
        nodeCryptography,
      );
      return report.findings.map((each) => each.code);
    };
    const clean = writeXml(await sign(keyInfoOf(chain)));
    expect(judge(clean)).toEqual([]);
    const text = new TextDecoder().decode(clean);
    expect(judge(new TextEncoder().encode(text.replace('>text<', '>texts<')))).toEqual([
      'mismatched_signature_digest',
    ]);
    expect(judge(writeXml(await sign([])))).toEqual(['missing_certificate']);
    expect(judge(writeXml(await sign(keyInfoOf(chain.slice(0, 2)))))).toEqual(['incomplete_chain']);
    expect(judge(writeXml(await sign(keyInfoOf([chain[2]!, chain[1]!, chain[0]!]))))).toEqual([
      'misplaced_signer_certificate',
    ]);
    expect(judge(writeXml(await sign(keyInfoOf(chain), keys.root.privateKey)))).toEqual([
      'mismatched_signature_value',
    ]);
    const wrong = keyInfoOf(chain).map((data, index) =>
      index === 0 ? { ...data, serialNumber: '3' } : data,
    );
    expect(judge(writeXml(await sign(wrong)))).toEqual(['mismatched_issuer_serial']);
    expect(judge(writeXml(document))).toEqual(['missing_signature']);
  });

  it.runIf(HAS_FIXTURES)('[CE11] finds the cut chain that a signature check alone does not', () => {
    const path = join(FIXTURES, 'generated/broken/signed-pkl-chain-cut');
    const file = spawnSync('find', [path, '-name', 'pkl_*.xml']).stdout.toString().trim();
    const document = value(readXml(readFileSync(file)));
    const report = checkSigner(document, [{ kind: 'document' }], {}, nodeCryptography);
    expect(report.findings.map((each) => each.code)).toContain('incomplete_chain');
  });
});
