import { execFileSync, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { decodeUtf8, fromBase64, toHex } from '@yinglian/core';
import { generateRsaKey, nodeCryptography, randomBytes, seededRandomBytes } from '@yinglian/host';
import {
  type LeafUsage,
  makeCertificate,
  readCertificate,
  thumbprintOf,
  writePem,
} from '@yinglian/certificates';
import { canonicalElement, childElement, onlyXmlText } from '@yinglian/xml';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  CertificateMemory,
  checkKdm,
  FORMULATIONS,
  isSameMessage,
  issueKdm,
  issueKdms,
  kdmIssuer,
  type KdmBatch,
  type KdmRecipient,
  listsDevices,
  openKdm,
  readKdm,
  readKeyBlock,
  STRUCTURE_ID,
} from '@yinglian/kdm';
import {
  type Cast,
  cast,
  DAY,
  HAS_OPENSSL,
  HAS_XMLSEC,
  KEY_BYTES,
  KEY_IDS,
  NOW,
  value,
  withFolder,
} from './fixtures.ts';

let all: Cast;
beforeAll(async () => {
  all = await cast();
});

const ASSUME_TRUST = '2jmj7l5rSw0yVb/vlWAYkK/YBwk=';

async function make(batch: Partial<KdmBatch> = {}, to: Partial<KdmRecipient> = {}) {
  return issueKdm({ ...all.batch, ...batch }, { ...all.to, ...to }, nodeCryptography, randomBytes);
}

async function codes(batch: Partial<KdmBatch> = {}, to: Partial<KdmRecipient> = {}) {
  const outcome = await make(batch, to);
  return outcome.findings.filter((each) => each.severity === 'error').map((each) => each.code);
}

const devicesFor = (formulation: KdmRecipient['formulation']) =>
  listsDevices(formulation) ? { trustedDevices: all.projector.slice(0, 1) } : {};

describe('issue', () => {
  it.runIf(HAS_XMLSEC && HAS_OPENSSL)('[KD1] xmlsec1 accepts it, openssl opens it', () =>
    withFolder(async (folder) => {
      const root = join(folder, 'root.pem');
      const key = join(folder, 'device.pem');
      writeFileSync(root, writePem('CERTIFICATE', all.signer[2]!.der));
      writeFileSync(key, writePem('PRIVATE KEY', all.device.privateKey));
      for (const formulation of FORMULATIONS) {
        for (const standard of ['smpte', 'interop'] as const) {
          if (standard === 'interop' && formulation.startsWith('dci')) continue;
          const { bytes } = value(
            await make({ standard }, { formulation, ...devicesFor(formulation) }),
          );
          const file = join(folder, 'kdm.xml');
          const verify = () =>
            spawnSync('xmlsec1', [
              '--verify',
              '--id-attr:Id',
              'AuthenticatedPublic',
              '--id-attr:Id',
              'AuthenticatedPrivate',
              '--trusted-pem',
              root,
              file,
            ]).status;
          writeFileSync(file, bytes);
          expect(verify(), formulation).toBe(0);
          writeFileSync(file, decodeUtf8(bytes)!.replace('Film', 'Filn'));
          expect(verify(), formulation).not.toBe(0);
          const { ciphers } = value(readKdm(bytes));
          for (const [index, cipher] of ciphers.entries()) {
            writeFileSync(join(folder, 'cipher'), cipher);
            const block = execFileSync('openssl', [
              'pkeyutl',
              '-decrypt',
              '-inkey',
              key,
              '-pkeyopt',
              'rsa_padding_mode:oaep',
              '-in',
              join(folder, 'cipher'),
            ]);
            const type =
              standard === 'smpte' ? Buffer.from(['MDIK', 'MDAK'][index]!) : Buffer.alloc(0);
            const expected = Buffer.concat([
              STRUCTURE_ID,
              fromBase64(thumbprintOf(all.signer[0]!, nodeCryptography)),
              Buffer.from(all.batch.cplId.replaceAll('-', ''), 'hex'),
              type,
              Buffer.from(KEY_IDS[index]!.replaceAll('-', ''), 'hex'),
              Buffer.from('2026-11-23T20:00:00+08:002026-11-30T20:00:00+08:00'),
              KEY_BYTES[index]!,
            ]);
            expect(toHex(block)).toBe(toHex(expected));
          }
        }
      }
    }),
  );

  it('[KD2] comes back as it was made', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: 'binary', maxLength: 30 }).map(onlyXmlText),
        fc.integer({ min: -14 * 60, max: 14 * 60 }),
        fc.constantFrom(...FORMULATIONS),
        async (text, offsetMinutes, formulation) => {
          const title = `T${text}T`;
          const window = {
            notBefore: { ...all.to.window.notBefore, offsetMinutes },
            notAfter: all.to.window.notAfter,
          };
          const outcome = await make(
            { contentTitle: title, forensic: { picture: 'off', audio: { aboveChannel: 6 } } },
            { annotation: `A${text}A`, formulation, window, ...devicesFor(formulation) },
          );
          const { bytes, messageId } = value(outcome);
          const options = {
            at: NOW + 2 * DAY,
            profile: 'strict' as const,
            recipient: all.recipient[0]!,
            trustedRoots: [all.signer[2]!],
            cpl: { id: all.batch.cplId, keyIds: KEY_IDS },
          };
          const opened = openKdm(bytes, all.device.privateKey, options, nodeCryptography);
          expect(opened.findings).toEqual([]);
          const { kdm, keys, formulation: found } = value(opened);
          expect(found).toBe(formulation);
          expect(kdm.messageId).toBe(messageId);
          expect(kdm.contentTitle).toBe(title);
          expect(kdm.annotation).toBe(`A${text}A`);
          expect([kdm.notBefore, kdm.notAfter]).toEqual([window.notBefore, window.notAfter]);
          expect(kdm.forensicFlags).toHaveLength(2);
          expect(keys.map((each) => [each.keyId, each.keyType, toHex(each.key)])).toEqual(
            all.batch.keys.map((each) => [each.keyId, each.keyType, toHex(each.key)]),
          );
        },
      ),
      { numRuns: 40 },
    );
  });

  it('[KD3] gives each formulation its parts', async () => {
    const expected = {
      'modified-transitional-1': [false, 'assume'],
      'multiple-modified-transitional-1': [false, 'list'],
      'dci-any': [true, 'assume'],
      'dci-specific': [true, 'list'],
    } as const;
    for (const formulation of FORMULATIONS) {
      const { bytes } = value(await make({}, { formulation, ...devicesFor(formulation) }));
      const kdm = value(readKdm(bytes));
      const [authenticator, devices] = expected[formulation];
      expect(kdm.contentAuthenticator !== undefined).toBe(authenticator);
      expect(kdm.devices).toEqual(
        devices === 'assume' ? [ASSUME_TRUST] : [thumbprintOf(all.projector[0]!, nodeCryptography)],
      );
    }
    const given = thumbprintOf(all.signer[1]!, nodeCryptography);
    const { bytes } = value(
      await make({ contentAuthenticator: given }, { formulation: 'dci-any' }),
    );
    expect(value(readKdm(bytes)).contentAuthenticator).toBe(given);
  });

  it('[KD4] is its own canonical form', async () => {
    const { bytes } = value(await make({}, { annotation: 'a\r\n\t"<&>影' }));
    const { document } = value(readKdm(bytes));
    const text = decodeUtf8(bytes)!;
    for (const name of ['AuthenticatedPublic', 'AuthenticatedPrivate']) {
      const canonical = canonicalElement(document.root, childElement(document.root, name)!);
      const inside = canonical.slice(canonical.indexOf('>') + 1);
      expect(text).toContain(inside);
    }
  });

  it('[KD5] refuses what a media block would refuse', async () => {
    const { batch, to, projector, signer, keys, recipient } = all;
    const real = { trustedDevices: projector.slice(0, 1) };
    const faults: [Partial<KdmBatch>, Partial<KdmRecipient>, string][] = [
      [{ keys: [] }, {}, 'missing_content_key'],
      [{ keys: [batch.keys[0]!, batch.keys[0]!] }, {}, 'duplicate_key_id'],
      [{ keys: [{ ...batch.keys[0]!, key: new Uint8Array(15) }] }, {}, 'invalid_content_key'],
      [{ keys: [{ ...batch.keys[0]!, keyType: 'XXXX' as 'MDIK' }] }, {}, 'unknown_key_type'],
      [{ cplKeyIds: [...KEY_IDS, batch.cplId] }, {}, 'missing_content_key'],
      [{ cplKeyIds: [KEY_IDS[0]] }, {}, 'unexpected_content_key'],
      [{ contentTitle: '' }, {}, 'invalid_content_title'],
      [{ contentTitle: '\u0000' }, {}, 'invalid_content_title'],
      [{ contentAuthenticator: 'no' }, {}, 'invalid_thumbprint'],
      [{ forensic: { audio: { aboveChannel: 100 } } }, {}, 'invalid_marking_channel'],
      [{ issueDate: { instant: NOW + 1, offsetMinutes: 0 } }, {}, 'invalid_issue_date'],
      [
        { signer: { chain: signer.slice(0, 2), privateKey: keys.leaf.privateKey } },
        {},
        'incomplete_chain',
      ],
      [
        { signer: { chain: signer, privateKey: keys.root.privateKey } },
        {},
        'mismatched_signer_key',
      ],
      [{ signer: { chain: [], privateKey: keys.leaf.privateKey } }, {}, 'missing_certificate'],
      [{ standard: 'interop' }, { formulation: 'dci-any' }, 'unexpected_formulation'],
      [{}, { formulation: 'dci-specific' }, 'missing_trusted_device'],
      [{}, real, 'unexpected_trusted_device'],
      [{}, { remoteDevices: 2 }, 'missing_device_list'],
      [
        {},
        { formulation: 'dci-specific', trustedDevices: [ASSUME_TRUST] },
        'unexpected_assume_trust',
      ],
      [{}, { formulation: 'dci-specific', trustedDevices: ['AAAA'] }, 'invalid_thumbprint'],
      [
        {},
        { formulation: 'dci-specific', trustedDevices: Array(300).fill('AAAA') },
        'excessive_device_count',
      ],
      [{}, { chain: recipient.slice(0, 1) }, 'incomplete_chain'],
      [{}, { chain: [] }, 'missing_recipient_certificate'],
      [{}, { chain: [recipient[0]!, recipient[2]!] }, 'mismatched_certificate_issuer'],
      [{ trustedRoots: [] }, {}, 'untrusted_root'],
      [{}, { annotation: '\u0001' }, 'invalid_annotation'],
    ];
    for (const [change, toChange, code] of faults) {
      expect(await codes(change, toChange), code).toContain(code);
    }
    expect(await codes({}, to)).toEqual([]);
    expect(await codes({ recipientTrust: 'leaf' }, { chain: recipient.slice(0, 1) })).toEqual([]);
  });

  it('[KD27] wants keys for the recipient and signing for the signer', async () => {
    const { batch, signer, keys } = all;
    const leaf = async (usage: LeafUsage, roles: string[], publicKey: Uint8Array) => {
      const request = {
        kind: 'leaf' as const,
        organizationUnit: 'test.example',
        roles,
        entity: 'maker.block.9',
        publicKey,
        serial: 9n,
        notBefore: NOW,
        notAfter: NOW + 30 * DAY,
        usages: [usage],
      };
      const issuer = { privateKey: keys.intermediate.privateKey, certificate: signer[1]! };
      return value(await makeCertificate(request, issuer, nodeCryptography));
    };
    const block = (usage: LeafUsage) => leaf(usage, ['SM'], all.device.publicKey);
    const above = signer.slice(1);
    const opens = { chain: [await block('keyEncipherment'), ...above] };
    expect(await codes({}, opens)).toEqual([]);
    const signs = { chain: [await block('digitalSignature'), ...above] };
    expect(await codes({}, signs)).toEqual(['missing_key_usage']);
    const house = await leaf('digitalSignature', ['CS'], keys.leaf.publicKey);
    const own = { ...batch.signer, chain: [house, ...signer.slice(1)] };
    expect(await codes({ signer: own })).toEqual([]);
  });

  it('[KD28] knows a message again by all that it says', async () => {
    const { batch, to, projector, recipient } = all;
    const made = value(await make());
    const kdm = value(readKdm(made.bytes));
    const same = (change: Partial<KdmBatch>, toChange: Partial<KdmRecipient> = {}) =>
      isSameMessage(kdm, { ...batch, ...change }, { ...to, ...toChange }, nodeCryptography);
    expect(same({})).toBe(true);
    expect(same({}, { formulation: 'dci-any' })).toBe(false);
    const listed = { formulation: 'multiple-modified-transitional-1', trustedDevices: projector };
    expect(same({}, { ...listed, formulation: 'multiple-modified-transitional-1' })).toBe(false);
    expect(same({ forensic: { picture: 'off' } })).toBe(false);
    expect(same({ signer: { ...batch.signer, chain: recipient } })).toBe(false);
    expect(same({ keys: batch.keys.slice(1) })).toBe(false);
    expect(same({}, { chain: projector })).toBe(false);
    const own = { formulation: 'dci-any' as const };
    const dci = value(readKdm(value(await make({}, own)).bytes));
    expect(isSameMessage(dci, batch, { ...to, ...own }, nodeCryptography)).toBe(true);
    const other = { ...batch, contentAuthenticator: thumbprintOf(recipient[0]!, nodeCryptography) };
    expect(isSameMessage(dci, other, { ...to, ...own }, nodeCryptography)).toBe(false);
  });

  it('[KD29] names the signer of the composition, and no other', async () => {
    const { batch, to, recipient, signer } = all;
    const own = { formulation: 'dci-any' as const };
    // Another house signed the composition: its leaf is named unless told.
    const made = value(await make({ cplSigner: recipient }, own));
    const { contentAuthenticator } = value(readKdm(made.bytes));
    expect(contentAuthenticator).toBe(thumbprintOf(recipient[0]!, nodeCryptography));
    const wrong = thumbprintOf(signer[0]!, nodeCryptography);
    const change = { cplSigner: recipient, contentAuthenticator: wrong };
    expect(await codes(change, own)).toEqual(['mismatched_content_authenticator']);
    expect(await codes(change)).toEqual([]);
    const cpl = { id: batch.cplId, keyIds: [...KEY_IDS] };
    const told = (chain: typeof signer) =>
      checkKdm(made.bytes, { cpl: { ...cpl, signer: chain } }, nodeCryptography).findings.map(
        (each) => each.code,
      );
    expect(told(signer)).toEqual(['mismatched_content_authenticator']);
    expect(told(recipient)).toEqual([]);
    expect(to.formulation).toBe('modified-transitional-1');
  });

  it('[KD5] warns of roles, doubles and the recipient among its devices', async () => {
    const { signer, projector, recipient } = all;
    const outcome = await make(
      { recipientTrust: 'leaf' },
      {
        chain: signer,
        formulation: 'dci-specific',
        trustedDevices: [projector[0]!, projector[0]!, recipient[0]!, signer[0]!],
      },
    );
    expect(outcome.ok).toBe(true);
    const found = outcome.findings.map((each) => `${each.severity} ${each.code}`);
    expect(found).toEqual([
      'warning mismatched_certificate_role',
      'warning duplicate_device',
      'warning mismatched_device_role',
      'note unexpected_recipient_thumbprint',
      'warning mismatched_device_role',
    ]);
  });

  it('[KD6] keeps the window inside every certificate', async () => {
    const at = (days: number) => ({ instant: NOW + days * DAY, offsetMinutes: 0 });
    const window = (from: number, until: number) => ({
      window: { notBefore: at(from), notAfter: at(until) },
    });
    expect(await codes({}, window(1, 1001))).toEqual([
      'excessive_recipient_window',
      'excessive_signer_window',
    ]);
    expect(await codes({}, window(2, 1))).toEqual(['reversed_window']);
    expect(await codes({}, window(1, 1))).toEqual(['reversed_window']);
    expect(
      await codes(
        {},
        {
          window: { notBefore: at(1), notAfter: { instant: NOW + DAY * 2 + 1, offsetMinutes: 0 } },
        },
      ),
    ).toEqual(['invalid_window_time']);
    expect(await codes({ issueDate: at(1001) }, window(1, 8))).toContain('expired_certificate');
    const past = await make({}, window(-3, -2));
    expect(past.findings.map((each) => each.code)).toEqual(['closed_window']);
    // A device whose certificate ends sooner than those above it.
    const pair = await generateRsaKey();
    const device = value(
      await makeCertificate(
        {
          kind: 'leaf',
          organizationUnit: 'x',
          roles: ['SM'],
          entity: 'short',
          publicKey: pair.publicKey,
          serial: 9n,
          notBefore: NOW,
          notAfter: NOW + 5 * DAY,
        },
        { privateKey: all.keys.intermediate.privateKey, certificate: all.recipient[1]! },
        nodeCryptography,
      ),
    );
    const chain = [device, ...all.recipient.slice(1)];
    expect(await codes({}, { chain, ...window(1, 6) })).toEqual(['excessive_recipient_window']);
    expect(await codes({}, { chain, ...window(1, 4) })).toEqual([]);
  });

  it('[KD7] makes many in order, and goes on after a refusal', async () => {
    const issuer = value(await kdmIssuer(all.batch, nodeCryptography, randomBytes));
    const recipients = Array.from({ length: 30 }, (_, index) => ({
      ...all.to,
      ...(index === 11 ? { formulation: 'dci-specific' as const } : {}),
      screen: index,
    }));
    const seen: [number, boolean][] = [];
    const ids = new Set<string>();
    for await (const { index, recipient, outcome } of issueKdms(issuer, recipients, 7)) {
      expect(recipient.screen).toBe(index);
      seen.push([index, outcome.ok]);
      if (outcome.ok) ids.add(outcome.value.messageId);
    }
    expect(seen).toEqual(recipients.map((_, index) => [index, index !== 11]));
    expect(ids.size).toBe(29);
  });

  it('[KD8] depends on nothing but what it is given', async () => {
    const once = async () =>
      value(await issueKdm(all.batch, all.to, nodeCryptography, seededRandomBytes('seed'))).bytes;
    const publicPart = (bytes: Uint8Array) => decodeUtf8(bytes)!.split('<AuthenticatedPrivate')[0];
    expect(publicPart(await once())).toBe(publicPart(await once()));
  });

  it('[KD9] shows no key anywhere', async () => {
    const outcome = await make();
    const text = decodeUtf8(value(outcome).bytes)!;
    const opened = checkKdm(
      value(outcome).bytes,
      { privateKey: all.keys.root.privateKey },
      nodeCryptography,
    );
    const bad = await make({
      keys: [
        ...all.batch.keys,
        all.batch.keys[0]!,
        { ...all.batch.keys[1]!, key: new Uint8Array(7) },
      ],
    });
    const seen = [
      text,
      inspect(outcome.findings, { depth: 9 }),
      inspect(bad, { depth: 9 }),
      inspect(opened.findings, { depth: 9 }),
    ].join();
    for (const key of KEY_BYTES) {
      expect(seen).not.toContain(key.toString());
      expect(seen.toLowerCase()).not.toContain(key.toString('hex'));
      expect(seen).not.toContain(key.toString('base64').slice(0, 12));
    }
    expect(readKeyBlock(new Uint8Array(137))).toBeUndefined();
  });

  it('[KD22] proves a certificate once, and everything else every time', async () => {
    let proofs = 0;
    const counting = {
      ...nodeCryptography,
      verifyRsa: (...parts: Parameters<typeof nodeCryptography.verifyRsa>) => {
        proofs++;
        return nodeCryptography.verifyRsa(...parts);
      },
    };
    const memory = new CertificateMemory();
    const again = () => all.recipient.map((each) => value(readCertificate(each.der)));
    const issue = async (batch: Partial<KdmBatch>, chain: KdmRecipient['chain']) => {
      const issuer = value(
        await kdmIssuer({ ...all.batch, memory, ...batch }, counting, randomBytes),
      );
      proofs = 0;
      const outcome = await issuer.issue({ ...all.to, chain });
      return outcome.findings.map((each) => each.code);
    };
    expect(await issue({}, again())).toEqual([]);
    expect(proofs).toBe(3);
    expect(await issue({}, again())).toEqual([]);
    expect(proofs).toBe(0);
    expect(await issue({ trustedRoots: [] }, again())).toEqual(['untrusted_root']);
    const [leaf, ...above] = again();
    const forged = { ...leaf!, der: leaf!.der.slice(), signedPart: leaf!.signedPart.slice() };
    forged.der[200]! ^= 1;
    forged.signedPart[190]! ^= 1;
    expect(await issue({}, [forged, ...above])).toEqual(['mismatched_certificate_signature']);
    expect(await issue({}, again())).toEqual([]);
    const late = { instant: NOW + 999 * DAY, offsetMinutes: 0 };
    const closed = await issue({ issueDate: late }, again());
    expect(closed).toEqual(['closed_window']);
  });

  it('[KD23] makes messages to cinemas from a message to a post house', async () => {
    const house = value(await make()).bytes;
    const opened = value(openKdm(house, all.device.privateKey, {}, nodeCryptography));
    const { kdm, keys } = opened;
    const cinema = value(
      await make(
        { cplId: kdm.cplId!, contentTitle: kdm.contentTitle!, keys },
        { chain: all.recipient, formulation: 'dci-any' },
      ),
    );
    const there = value(openKdm(cinema.bytes, all.device.privateKey, {}, nodeCryptography));
    expect(there.keys.map((each) => toHex(each.key))).toEqual(KEY_BYTES.map((each) => toHex(each)));
    expect(there.kdm.cplId).toBe(all.batch.cplId);
  });
});
