import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { concatBytes, digest, encodeUtf8, formatInstant, toBase64 } from '@yinglian/core';
import { nodeCryptography } from '@yinglian/host';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ASSUME_TRUST_THUMBPRINT,
  entityOf,
  FINDING_TEXTS,
  nameMatchesText,
  readCertificate,
  readCertificates,
  rolesOf,
  thumbprintByText,
  thumbprintOf,
  writePemChain,
} from '@yinglian/certificates';
import {
  certificatesIn,
  FIXTURES,
  fixtureChain,
  HAS_FIXTURES,
  HAS_OPENSSL,
  withFolder,
} from './fixtures.ts';

describe.runIf(HAS_FIXTURES)('reading certificates', () => {
  const pem = (name: string) => join(FIXTURES, 'generated/chains/filmnet', `${name}.pem`);
  const texts = HAS_FIXTURES
    ? ['leaf.signed', 'intermediate.signed', 'ca.self-signed'].map((name) =>
        readFileSync(pem(name)),
      )
    : [];

  function subjects(bytes: Uint8Array): string[] {
    const outcome = readCertificates(bytes);
    return outcome.ok ? outcome.value.map(entityOf) : outcome.findings.map((each) => each.code);
  }

  const all = [
    'filmnet.smpte-430-2.LEAF',
    'filmnet.smpte-430-2.INTERMEDIATE',
    'filmnet.smpte-430-2.ROOT',
  ];

  it('[CE1] reads every form of file', () => {
    expect(subjects(concatBytes(...texts))).toEqual(all);
    const commented = concatBytes(
      encodeUtf8('subject=…\n'),
      texts[0]!,
      encodeUtf8('\r\nissuer\n'),
      texts[1]!,
    );
    expect(subjects(commented)).toEqual(all.slice(0, 2));
    const chain = fixtureChain('filmnet');
    expect(subjects(chain[0]!.der)).toEqual(all.slice(0, 1));
    expect(subjects(concatBytes(...chain.map((each) => each.der)))).toEqual(all);
    expect(subjects(encodeUtf8(toBase64(chain[0]!.der)))).toEqual(all.slice(0, 1));
    expect(subjects(encodeUtf8(writePemChain([...chain, chain[0]!])))).toEqual(all);
    expect(subjects(encodeUtf8('nothing here'))).toEqual([
      'unreadable_certificate',
      'missing_certificate',
    ]);
    expect(subjects(new Uint8Array(0))).toContain('missing_certificate');
    const half = readCertificates(
      concatBytes(
        texts[0]!,
        encodeUtf8('-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n'),
      ),
    );
    expect(half.ok && half.value.length).toBe(1);
    expect(half.findings.map((each) => each.code)).toEqual(['invalid_certificate']);
  });

  it.runIf(HAS_OPENSSL)('[CE1] reads PKCS#7 made by openssl', () =>
    withFolder((folder) => {
      const files = texts.flatMap((_, index) => [
        '-certfile',
        pem(['leaf.signed', 'intermediate.signed', 'ca.self-signed'][index]!),
      ]);
      for (const form of ['DER', 'PEM']) {
        const bytes = execFileSync('openssl', ['crl2pkcs7', '-nocrl', ...files, '-outform', form]);
        expect(subjects(bytes)).toEqual(all);
      }
      writeFileSync(join(folder, 'leaf.pem'), texts[0]!);
      const trusted = execFileSync('openssl', [
        'x509',
        '-in',
        join(folder, 'leaf.pem'),
        '-trustout',
        '-setalias',
        'a name for this one',
      ]);
      expect(subjects(trusted)).toEqual(all.slice(0, 1));
    }),
  );

  it('[CE2] agrees with OpenSSL about every certificate of the fixtures', () => {
    const names = [
      'dnqualifier-wrong',
      'key-1024',
      'leaf-is-ca',
      'no-role',
      'root',
      'signed-sha1',
      'valid-leaf',
    ];
    const certificates = [
      ...names.flatMap((name) => [...certificatesIn(`generated/certs/${name}.pem`)]),
      ...fixtureChain('filmnet'),
      ...fixtureChain('oldstar'),
      ...certificatesIn('libdcp/data/certificate_chain'),
    ];
    for (const certificate of certificates) {
      const judge = new X509Certificate(certificate.der);
      const serial = certificate.serial.toString(16).toUpperCase();
      expect(judge.serialNumber.replace(/^0+/, '')).toBe(serial);
      expect(new Date(judge.validFrom).getTime()).toBe(certificate.notBefore);
      expect(new Date(judge.validTo).getTime()).toBe(certificate.notAfter);
      expect(judge.ca).toBe(certificate.extensions.basicConstraints?.authority === true);
      const attributes = judge.subject.split('\n').map((line) => line.slice(line.indexOf('=') + 1));
      expect(certificate.subject.attributes.map((each) => each.value)).toEqual(
        attributes.map((value) => value.replace(/\\(.)/g, '$1')),
      );
      expect(judge.publicKey.asymmetricKeyDetails?.modulusLength).toBe(certificate.key.modulusBits);
      expect(new Uint8Array(judge.publicKey.export({ format: 'der', type: 'spki' }))).toEqual(
        new Uint8Array(certificate.key.info),
      );
    }
  });

  it('[CE3] never throws, whatever the bytes', () => {
    const [leaf] = fixtureChain('filmnet');
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(leaf!.der.length - 1), fc.nat(255)), {
          minLength: 1,
          maxLength: 5,
        }),
        fc.nat(3),
        (mutations, kind) => {
          const bytes = leaf!.der.slice();
          for (const [at, value] of mutations) bytes[at] = value;
          const changed = kind === 0 ? bytes.subarray(0, mutations[0]![0]) : bytes;
          readCertificate(changed);
          const outcome = readCertificates(changed);
          expect(outcome.ok || outcome.findings.length > 0).toBe(true);
        },
      ),
      { numRuns: 4000 },
    );
  });

  it('[CE3] refuses what is not DER', () => {
    const [leaf] = fixtureChain('filmnet');
    const indefinite = leaf!.der.slice();
    indefinite[1] = 0x80;
    const long = concatBytes(Uint8Array.of(0x30, 0x83, 0x00), leaf!.der.subarray(2));
    const trailing = concatBytes(leaf!.der, Uint8Array.of(0));
    for (const bytes of [indefinite, long, trailing, leaf!.der.subarray(0, -1)]) {
      expect(readCertificate(bytes).findings.map((each) => each.code)).toEqual([
        'invalid_certificate',
      ]);
    }
    expect(readCertificate(new Uint8Array(70_000)).findings[0]!.code).toBe(
      'excessive_certificate_size',
    );
  });

  it('[CE4] gives both thumbprints', () => {
    const [leaf] = fixtureChain('filmnet');
    expect(thumbprintOf(leaf!, nodeCryptography)).toBe('GjFrVjQSlhN6bDjDlrtGcQulXVo=');
    const byText = toBase64(digest(nodeCryptography, 'sha1', leaf!.signedPart.subarray(4)));
    expect(thumbprintByText(leaf!, nodeCryptography)).toBe(byText);
    expect(toBase64(digest(nodeCryptography, 'sha1', new Uint8Array(0)))).toBe(
      ASSUME_TRUST_THUMBPRINT,
    );
  });

  it('[CE5] matches names however they are written', () => {
    const [leaf] = fixtureChain('filmnet');
    const { subject } = leaf!;
    const plain = subject.text.replaceAll('\\', '');
    const forward = plain.split(',').reverse().join(', ');
    for (const text of [
      subject.text,
      plain,
      forward,
      plain.replaceAll(',', ' , '),
      plain.replace('dnQualifier', 'DNQUALIFIER'),
    ]) {
      expect(nameMatchesText(subject, text), text).toBe(true);
    }
    for (const text of [
      '',
      plain.replace('LEAF', 'LEAFS'),
      plain.replace(/^[^,]+,/, ''),
      `${plain},C=CN`,
      'x'.repeat(5000),
    ]) {
      expect(nameMatchesText(subject, text), text).toBe(false);
    }
    expect(subject.text).toContain('dD\\+FYQzWlzJukc0X98kcRo\\+zzmM=');
  });

  it('[CE2] tells roles from entities', () => {
    expect(rolesOf(certificatesIn('generated/certs/valid-leaf.pem')[0]!)).toEqual(['SM', 'MIC']);
    const chain = fixtureChain('acmeplayers');
    expect(chain.map(rolesOf)).toEqual([['CS'], [], []]);
    expect(formatInstant(chain[0]!.notBefore)).toBe('2026-11-22T20:44:18+00:00');
  });

  it('[CE16] has a text in both languages for every code', () => {
    for (const [code, text] of Object.entries(FINDING_TEXTS)) {
      expect(code).toMatch(/^[a-z]+(_[a-z]+)+$/);
      expect(text.zh && text.en).toBeTruthy();
    }
  });
});
