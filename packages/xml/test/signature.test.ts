import { X509Certificate } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { encodeUtf8 } from '@yinglian/core';
import { generateRsaKey, nodeCryptography } from '@yinglian/host';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  ALGORITHMS,
  childElement,
  readSignature,
  readXml,
  signatureCertificates,
  type SignatureCover,
  signDocument,
  type SignOptions,
  verifySignature,
  writeXml,
  type XmlDocument,
} from '@yinglian/xml';
import {
  fixtureFiles,
  HAS_FIXTURES,
  HAS_OPENSSL,
  HAS_XMLSEC,
  parsed,
  selfSigned,
  withFolder,
  xmlsecAccepts,
} from './fixtures.ts';

let key: Awaited<ReturnType<typeof generateRsaKey>>;
beforeAll(async () => {
  key = await generateRsaKey();
});

const SMPTE = {
  canonicalization: ALGORITHMS.c14n,
  signatureMethod: ALGORITHMS.rsaSha256,
  digestMethod: ALGORITHMS.sha1,
  covers: 'enveloped',
} as const;

function sign(document: XmlDocument, options: Partial<SignOptions> = {}): Promise<XmlDocument> {
  const all = { ...SMPTE, privateKey: key.privateKey, keyInfo: [], ...options };
  return signDocument(document, all, nodeCryptography);
}

function findings(bytes: Uint8Array, ids?: readonly string[]): string[] {
  const outcome = readXml(bytes);
  if (!outcome.ok) return outcome.findings.map((each) => each.code);
  const { root } = outcome.value;
  const signature = readSignature(childElement(root, 'Signature')!);
  if (!signature.ok) return signature.findings.map((each) => each.code);
  const covers: SignatureCover[] =
    ids === undefined
      ? [{ kind: 'document' }]
      : ids.map((id) => ({ kind: 'element', id, element: childElement(root, `part${id}`)! }));
  const options = { covers, publicKey: key.publicKey };
  return verifySignature(outcome.value, signature.value, options, nodeCryptography).map(
    (each) => each.code,
  );
}

const ENVELOPED = '<r xmlns="urn:r" xmlns:u="urn:unused">\n  <a x="1">影联 &amp; more</a>\n</r>';
const PARTS =
  '<r xmlns="urn:r" xmlns:u="urn:u"><partA Id="A"><x/></partA><partB Id="B">b</partB></r>';

describe('signatures', () => {
  it('[XM15] verifies what it signed, in every form', async () => {
    for (const hash of ['1', '256'] as const) {
      for (const canonicalization of [
        ALGORITHMS.c14n,
        ALGORITHMS.c14nWithComments,
        ALGORITHMS.exclusive,
        ALGORITHMS.exclusiveWithComments,
      ]) {
        const methods = {
          canonicalization,
          signatureMethod: hash === '1' ? ALGORITHMS.rsaSha1 : ALGORITHMS.rsaSha256,
          digestMethod: hash === '1' ? ALGORITHMS.sha1 : ALGORITHMS.sha256,
        };
        expect(findings(writeXml(await sign(parsed(ENVELOPED), methods)))).toEqual([]);
        const parts = await sign(parsed(PARTS), { ...methods, covers: ['A', 'B'] });
        expect(findings(writeXml(parts), ['A', 'B'])).toEqual([]);
      }
    }
  });

  it.runIf(HAS_XMLSEC && HAS_OPENSSL)(
    '[XM15] xmlsec1 accepts it, and refuses it when changed',
    async () => {
      await withFolder(async (folder) => {
        const der = selfSigned(folder, key.privateKey);
        const keyInfo = [
          {
            issuerName: 'CN=CS.test,O=test',
            serialNumber: '1',
            certificates: [new Uint8Array(der)],
          },
        ];
        for (const prefix of ['ds', '', 'x']) {
          const bytes = writeXml(await sign(parsed(ENVELOPED), { keyInfo, prefix }));
          const file = join(folder, `enveloped-${prefix}.xml`);
          writeFileSync(file, bytes);
          expect(xmlsecAccepts(file), prefix).toBe(true);
          writeFileSync(file, new TextDecoder().decode(bytes).replace('more', 'less'));
          expect(xmlsecAccepts(file), prefix).toBe(false);
        }
        const text = PARTS.replaceAll('partA', 'part').replace('<partB Id="B">b</partB>', '');
        const file = join(folder, 'part.xml');
        const methods = {
          canonicalization: ALGORITHMS.c14nWithComments,
          digestMethod: ALGORITHMS.sha256,
        };
        writeFileSync(
          file,
          writeXml(await sign(parsed(text), { ...methods, keyInfo, covers: ['A'] })),
        );
        expect(xmlsecAccepts(file)).toBe(true);
      });
    },
  );

  it.runIf(HAS_FIXTURES)('[XM16] verifies the signatures of real makers', () => {
    const files = [
      ...fixtureFiles('node-cpl', '.xml'),
      ...fixtureFiles('clairmeta-data/ECL', '.xml'),
    ];
    let verified = 0;
    for (const file of files) {
      const outcome = readXml(readFileSync(file));
      if (!outcome.ok) continue;
      const { root } = outcome.value;
      const element = childElement(root, 'Signature');
      if (element === undefined || root.local === 'DCinemaSecurityMessage') continue;
      const signature = readSignature(element);
      if (!signature.ok) throw new Error(`${file} ${JSON.stringify(signature.findings)}`);
      const clean = signatureCertificates(signature.value).some((der) => {
        const spki = new X509Certificate(der).publicKey.export({ format: 'der', type: 'spki' });
        const options = {
          covers: [{ kind: 'document' } as const],
          publicKey: new Uint8Array(spki),
        };
        return (
          verifySignature(outcome.value, signature.value, options, nodeCryptography).length === 0
        );
      });
      expect(clean, basename(file)).toBe(true);
      verified++;
    }
    expect(verified).toBeGreaterThan(40);
  });

  it.runIf(HAS_FIXTURES && HAS_XMLSEC)(
    '[XM16] agrees with xmlsec1 about generated documents',
    () => {
      for (const file of fixtureFiles('generated/broken', '.xml')) {
        const outcome = readXml(readFileSync(file));
        if (!outcome.ok) continue;
        const element = childElement(outcome.value.root, 'Signature');
        const signature = element && readSignature(element);
        if (!signature?.ok) continue;
        const leaf = signatureCertificates(signature.value)[0]!;
        const spki = new X509Certificate(leaf).publicKey.export({ format: 'der', type: 'spki' });
        const options = {
          covers: [{ kind: 'document' } as const],
          publicKey: new Uint8Array(spki),
        };
        const clean = verifySignature(outcome.value, signature.value, options, nodeCryptography);
        expect(clean.length === 0, basename(file)).toBe(xmlsecAccepts(file));
      }
    },
  );

  it('[XM17] finds every change that survives in the canonical form', async () => {
    const text = new TextDecoder().decode(writeXml(await sign(parsed(ENVELOPED))));
    expect(findings(encodeUtf8(text.replace('x="1"', 'x="2"')))).toEqual([
      'mismatched_signature_digest',
    ]);
    expect(findings(encodeUtf8(text.replace('<a x', '<b/><a x')))).toEqual([
      'mismatched_signature_digest',
    ]);
    expect(findings(encodeUtf8(text.replace('urn:unused', 'urn:other')))).toContain(
      'mismatched_signature_digest',
    );
    // Spelling that the canonical form does not keep may change.
    expect(findings(encodeUtf8(text.replace('x="1"', " x = '1' ")))).toEqual([]);
    const signedEnd = text.indexOf('<ds:SignatureValue');
    const value = /<ds:SignatureValue>([^<]+)</.exec(text)![1]!;
    expect(
      findings(encodeUtf8(text.replace(value, value.replace(/^./, value[0] === 'A' ? 'B' : 'A')))),
    ).toEqual(['mismatched_signature_value']);
    const bytes = encodeUtf8(text.slice(0, signedEnd));
    const rest = encodeUtf8(text.slice(signedEnd));
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, by) => {
        const changed = bytes.slice();
        changed[at] = changed[at]! ^ by;
        const whole = Uint8Array.from([...changed, ...rest]);
        const before = readXml(whole);
        if (!before.ok) return;
        if (childElement(before.value.root, 'Signature') === undefined) return;
        const found = findings(whole);
        // The declaration and white space in tags are not signed; everything else is.
        const signed = at > text.indexOf('<r') && !/[\s=]/.test(String.fromCharCode(bytes[at]!));
        if (signed && !/[\s=]/.test(String.fromCharCode(changed[at]!)))
          expect(found).not.toEqual([]);
      }),
      { numRuns: 1500 },
    );
  });

  it('[XM18] refuses a wrapped element, a missing and an additional reference', async () => {
    const signed = new TextDecoder().decode(
      writeXml(await sign(parsed(PARTS), { covers: ['A', 'B'] })),
    );
    expect(findings(encodeUtf8(signed), ['A'])).toEqual(['unexpected_signature_reference']);
    const one = writeXml(await sign(parsed(PARTS), { covers: ['A'] }));
    expect(findings(one, ['A', 'B'])).toEqual(['missing_signature_reference']);
    // The signed part is moved aside, where it still verifies, and a forged one takes its place.
    const part = /<partA Id="A">.*?<\/partA>/.exec(signed)![0];
    const wrapped = signed
      .replace(part, '<partA><evil/></partA>')
      .replace('</r>', `<w>${part}</w></r>`);
    expect(findings(encodeUtf8(wrapped), ['A', 'B'])).toEqual(['mismatched_reference_target']);
    const renamed = signed
      .replace(part, '<partA Id="C"><evil/></partA>')
      .replace('</r>', `<w>${part}</w></r>`);
    expect(findings(encodeUtf8(renamed), ['A', 'B'])).toEqual(['mismatched_reference_target']);
    expect(findings(encodeUtf8(signed))).toContain('missing_signature_reference');
  });

  it('[XM19] refuses an Id that two elements carry', async () => {
    const signed = new TextDecoder().decode(
      writeXml(await sign(parsed(PARTS), { covers: ['A', 'B'] })),
    );
    for (const spelling of ['Id', 'ID', 'id', 'xml:id']) {
      const twice = signed.replace('</r>', `<w ${spelling}="A"/></r>`);
      expect(findings(encodeUtf8(twice), ['A', 'B']), spelling).toEqual(['duplicate_element_id']);
    }
  });

  it('[XM20] refuses other algorithms', async () => {
    const text = new TextDecoder().decode(writeXml(await sign(parsed(ENVELOPED))));
    for (const [from, to] of [
      [ALGORITHMS.rsaSha256, 'http://www.w3.org/2000/09/xmldsig#hmac-sha1'],
      [ALGORITHMS.sha1, 'http://www.w3.org/2001/04/xmldsig-more#md5'],
      [ALGORITHMS.enveloped, 'http://www.w3.org/TR/1999/REC-xslt-19991116'],
      [ALGORITHMS.c14n, 'urn:nothing'],
    ] as const) {
      expect(findings(encodeUtf8(text.replace(from, to)))).toEqual([
        'unexpected_signature_algorithm',
      ]);
    }
    const outcome = readXml(encodeUtf8(text));
    if (!outcome.ok) throw new Error('unread');
    const signature = readSignature(childElement(outcome.value.root, 'Signature')!);
    if (!signature.ok) throw new Error('unread');
    const options = {
      covers: [{ kind: 'document' } as const],
      publicKey: key.publicKey,
      hashes: ['sha256' as const],
    };
    expect(
      verifySignature(outcome.value, signature.value, options, nodeCryptography).map(
        (each) => each.code,
      ),
    ).toEqual(['unexpected_signature_algorithm']);
  });

  it('[XM21] names the place of a malformed signature', async () => {
    const text = new TextDecoder().decode(writeXml(await sign(parsed(ENVELOPED))));
    for (const [from, to] of [
      [/<ds:SignatureValue>/, '<ds:SignatureValue>*'],
      [/<ds:DigestValue>[^<]*<\/ds:DigestValue>/, ''],
      [/<ds:Reference.*<\/ds:Reference>/s, ''],
      [/ URI=""/, ''],
      [/<ds:SignedInfo>/, '<ds:SignedInfo/><ds:SignedInfo>'],
    ] as const) {
      const outcome = readXml(encodeUtf8(text.replace(from, to)));
      if (!outcome.ok) throw new Error(String(from));
      const signature = readSignature(childElement(outcome.value.root, 'Signature')!);
      expect(
        signature.findings.map((each) => each.code),
        String(from),
      ).toEqual(['invalid_signature_element']);
      expect(signature.findings[0]!.at['line']).toBeGreaterThan(0);
    }
  });
});
