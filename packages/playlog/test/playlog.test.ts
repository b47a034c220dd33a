import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type LeafUsage, makeCertificate, thumbprintOf, writePem } from '@yinglian/certificates';
import { digest, encodeUtf8, toBase64 } from '@yinglian/core';
import { nodeCryptography } from '@yinglian/host';
import { childElement, readXml, writeXml } from '@yinglian/xml';
import {
  checkLog,
  EVENT_SUBTYPES,
  filterLog,
  FINDING_TEXTS,
  partHash,
  playbacksOf,
  readLogReport,
  writeLogReport,
} from '../src/index.ts';
import {
  EVENTS,
  NOW,
  MINUTE,
  DAY,
  device,
  other,
  plan,
  FILM,
  show,
  written,
  read,
  judged,
  codes,
  text,
  edited,
  recordsIn,
} from './sample.ts';

describe('reading', () => {
  it('[PL1] gives device, headers, bodies and signature', async () => {
    const { value, findings } = read(await written());
    expect(findings).toEqual([]);
    expect(value.device).toMatchObject({ type: 'SM', serial: '1234', model: 'IMB <&> "1"' });
    expect(value.reportDate).toBe(NOW + DAY);
    expect(value.records.length).toBe(13);
    const [, , third] = value.records;
    expect(third!.header).toMatchObject({
      time: NOW + 50 * MINUTE,
      offsetMinutes: 480,
      sequence: 102,
      type: 'Playout',
      contentId: FILM,
    });
    expect(third!.body).toMatchObject({
      subtype: 'FrameSequencePlayed',
      parameters: [
        { name: 'FirstFrame', value: '0' },
        { name: 'LastFrame', value: '71999' },
      ],
    });
    expect(value.records.at(-1)!.signature).toMatchObject({
      placement: 'stop',
      sequenceLength: 13,
    });
  });

  it('[PL1] other spellings and editions are read alike', async () => {
    const odd = text(await written())
      .replaceAll('lr:EventID', 'lr:eventId')
      .replaceAll('lr:recordBodyHash', 'lr:RecordBodyHash')
      .replaceAll(
        'http://www.smpte-ra.org/schemas/430-4/2008/LogRecord/',
        'http://www.smpte-ra.org/430-4/2008/LogRecord/',
      );
    const { value, findings } = read(encodeUtf8(odd));
    expect(findings).toEqual([]);
    expect(value.records.every(({ header }) => header.eventId !== undefined)).toBe(true);
    const foreign = read(encodeUtf8(odd.replaceAll('/430-4/2008/', '/430-4/1999/')));
    expect(codes(foreign.findings)).toEqual(['unknown_log_namespace']);
  });

  it('[PL2] what a record lacks is told with its number; one record is a report', async () => {
    const lacking = await edited((xml) => xml.replace(/<lr:TimeStamp>[^<]*<\/lr:TimeStamp>/, ''));
    const found = read(lacking).findings[0]!;
    expect(found).toMatchObject({
      code: 'missing_record_fact',
      at: { record: 1 },
      facts: { element: 'TimeStamp' },
    });
    const one = recordsIn(text(await written()))[0]!.replace(
      '<lr:LogRecordElement',
      '<lr:LogRecordElement xmlns:lr="http://www.smpte-ra.org/schemas/430-4/2008/LogRecord/" ' +
        'xmlns:dcml="http://www.smpte-ra.org/schemas/433/2008/dcmlTypes/"',
    );
    expect(read(encodeUtf8(one)).value.records.length).toBe(1);
    expect(readLogReport(encodeUtf8('<a/>')).ok).toBe(false);
    const bare = '<LogReport xmlns="http://www.smpte-ra.org/schemas/430-4/2008/LogRecord/"/>';
    expect(codes(read(encodeUtf8(bare)).findings)).toEqual(['empty_log', 'missing_report_date']);
  });

  it('[PL3] mutated reports are read or refused, and judged without throwing', async () => {
    const base = await written(show(0));
    const runs = Number(process.env['YINGLIAN_FUZZ_RUNS'] ?? 120);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(base.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 }),
        fc.nat(20),
        (changes, cut) => {
          const bytes = cut === 0 ? base.slice(0, changes[0]![0]) : base.slice();
          for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
          const outcome = readLogReport(bytes);
          if (!outcome.ok) return;
          const verdict = checkLog(outcome.value, {}, nodeCryptography);
          playbacksOf(outcome.value, verdict.proof);
          expect(verdict.proof.proven.length).toBe(outcome.value.records.length);
        },
      ),
      { numRuns: runs },
    );
  });
});

describe('judging', () => {
  it('[PL4] a report written here is clean and proven whole', async () => {
    const { findings, proof } = judged(await written(), {
      deviceThumbprint: thumbprintOf((await device).chain[0], nodeCryptography),
    });
    expect(findings).toEqual([]);
    expect(proof.proven.every(Boolean)).toBe(true);
    expect(proof.signer.length).toBe(3);
  });

  it('[PL4] xmlsec1 accepts the signature, and not after a change', async () => {
    if (spawnSync('xmlsec1', ['--version']).error !== undefined) {
      console.warn('skipped: xmlsec1 is not installed');
      return;
    }
    const folder = mkdtempSync(join(tmpdir(), 'yinglian-playlog-'));
    try {
      const bytes = await written();
      const root = (await device).chain[2];
      writeFileSync(join(folder, 'root.pem'), writePem('CERTIFICATE', root.der));
      const verify = (content: Uint8Array) => {
        writeFileSync(join(folder, 'log.xml'), content);
        const time = '2026-12-02 00:00:00';
        return spawnSync('xmlsec1', [
          '--verify', '--id-attr:Id', 'RecordAuthData', '--verification-time', time,
          '--trusted-pem', join(folder, 'root.pem'), join(folder, 'log.xml'),
        ]).status; // prettier-ignore
      };
      expect(verify(bytes)).toBe(0);
      const changed = text(bytes).replace(/(<lr:RecordHeaderHash>)./, '$1x');
      expect(verify(encodeUtf8(changed))).not.toBe(0);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('[PL5] a published hash of another implementation agrees', () => {
    // A body as a test of a xmlsec binding has it, with the hash that it expects.
    const parsed = readXml(
      encodeUtf8(
        '<lr:LogReport xmlns:lr="http://www.smpte-ra.org/schemas/430-4/2008/LogRecord/" ' +
          'xmlns:dcml="http://www.smpte-ra.org/schemas/433/2008/dcmlTypes/" ' +
          'xmlns:ds="http://www.w3.org/2000/09/xmldsig#" ' +
          'xmlns:xs="http://www.w3.org/2001/XMLSchema" ' +
          'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><lr:LogRecordBody>' +
          '<lr:EventID>urn:uuid:1f9d3a08-edd6-4402-99c0-b80d9c7614fc</lr:EventID><lr:EventSubType ' +
          'scope="http://www.smpte-ra.org/430-5/2008/SecurityLog/#EventSubTypes-operations">' +
          'SPBStartup</lr:EventSubType></lr:LogRecordBody></lr:LogReport>',
      ),
    );
    if (!parsed.ok) throw new Error('unreadable');
    const { root } = parsed.value;
    const body = childElement(root, 'LogRecordBody')!;
    const shell = { ...root, declarations: [], attributes: [] };
    expect(partHash(root, shell, body, nodeCryptography)).toBe('0HwjYW3B/l79oq2NHVctyN7qMhE=');
  });

  it.each([
    ['a changed body', 'mismatched_body_hash', (xml: string) => xml.replace('>71999<', '>71998<')],
    [
      'a changed time',
      'mismatched_header_hash',
      (xml: string) => xml.replace('T19:50:00', 'T19:51:00'),
    ],
    ['a record left out', 'missing_record', (xml: string) => xml.replace(recordsIn(xml)[4]!, '')],
    [
      'a record put in',
      'duplicate_event_id',
      (xml: string) => xml.replace(recordsIn(xml)[4]!, (one) => one + one),
    ],
    [
      'records moved',
      'mismatched_header_hash',
      (xml: string) => {
        const [a, b] = [recordsIn(xml)[4]!, recordsIn(xml)[5]!];
        return xml.replace(a, '@spot@').replace(b, a).replace('@spot@', b);
      },
    ],
    [
      'the last record taken',
      'unproven_records',
      (xml: string) => xml.replace(recordsIn(xml).at(-1)!, ''),
    ],
    [
      'another signed hash',
      'mismatched_signed_header',
      (xml: string) =>
        xml.replace(/(<lr:RecordHeaderHash>)[^<]*/, `$1${toBase64(new Uint8Array(20))}`),
    ],
    [
      'a broken value',
      'mismatched_signature_value',
      (xml: string) => xml.replace(/(<ds:SignatureValue>\s*)..../, '$1AAAA'),
    ],
    [
      'no key',
      'missing_certificate',
      (xml: string) => xml.replace(/<ds:KeyInfo>.*<\/ds:KeyInfo>/s, '<ds:KeyInfo/>'),
    ],
    ['an odd type', 'unknown_event_type', (xml: string) => xml.replace('>Key<', '>Sleep<')],
    [
      'an odd subtype',
      'unknown_event_subtype',
      (xml: string) => xml.replace('>CPLStart<', '>CPLPause<'),
    ],
    [
      'no body hash',
      'missing_body_hash',
      (xml: string) => xml.replace(/<lr:recordBodyHash>[^<]*<\/lr:recordBodyHash>/, ''),
    ],
    [
      'no header hash',
      'missing_header_hash',
      (xml: string) =>
        xml.replace(
          new RegExp(
            `^(.*?<lr:previousHeaderHash>.*?)<lr:previousHeaderHash>[^<]*</lr:previousHeaderHash>`,
            's',
          ),
          '$1',
        ),
    ],
    [
      'a body of another event',
      'mismatched_event_id',
      (xml: string) =>
        xml.replace(/(<lr:LogRecordBody><lr:EventID>urn:uuid:)......../, '$100000000'),
    ],
    [
      'another device named',
      'mismatched_reporting_device',
      (xml: string) => xml.replace(/(idtype="CertThumbprint">)..../, '$1AAAA'),
    ],
    [
      'another signer named',
      'mismatched_log_signer',
      (xml: string) => xml.replace('<ds:X509SerialNumber>47<', '<ds:X509SerialNumber>48<'),
    ],
    [
      'a signature cut',
      'incomplete_log_signature',
      (xml: string) => xml.replace(/<ds:Signature>.*<\/ds:Signature>/s, ''),
    ],
    [
      'a wrong length',
      'mismatched_sequence_length',
      (xml: string) => xml.replace('>13</lr:SequenceLength', '>99</lr:SequenceLength'),
    ],
    [
      'time running back',
      'decreasing_record_time',
      (xml: string) => xml.replace('T20:40:00', 'T10:40:00'),
    ],
    [
      'a number twice',
      'decreasing_record_sequence',
      (xml: string) => xml.replace('>104</lr:EventSequence', '>102</lr:EventSequence'),
    ],
    [
      'no header',
      'missing_record_header',
      (xml: string) => xml.replace(/<lr:LogRecordHeader>.*?<\/lr:LogRecordHeader>/s, ''),
    ],
  ])('[PL6] %s is %s', async (_, code, change) => {
    const bytes = await edited(change);
    const outcome = read(bytes);
    const { findings, proof } = checkLog(outcome.value, {}, nodeCryptography);
    expect(codes([...outcome.findings, ...findings])).toContain(code);
    const harmless = [
      'mismatched_log_signer',
      'mismatched_sequence_length',
      'mismatched_reporting_device',
    ];
    if (!harmless.includes(code)) expect(proof.proven.every(Boolean)).toBe(false);
  });

  it('[PL6] a log of another device is told when the screen’s device is known', async () => {
    const thumbprint = thumbprintOf((await other).chain[0], nodeCryptography);
    const { findings } = judged(await written(), { deviceThumbprint: thumbprint });
    expect(codes(findings)).toEqual(['foreign_log_signer']);
    const trusted = judged(await written(), { trusted: [(await other).chain[2]] });
    expect(trusted.findings.some((each) => each.severity === 'error')).toBe(true);
    expect(trusted.proof.proven.some(Boolean)).toBe(false);
  });

  it('[PL7] what comes before a break is not proven, what comes after is', async () => {
    const bytes = await edited((xml) =>
      xml.replace('>102</lr:EventSequence', '>902</lr:EventSequence'),
    );
    expect(judged(bytes).proof.proven).toEqual([...Array(3).fill(false), ...Array(10).fill(true)]);
    const body = await edited((xml) => xml.replace('>71999<', '>71998<'));
    expect(judged(body).proof.proven).toEqual(Array.from({ length: 13 }, (_, i) => i !== 2));
  });

  it('[PL7] known certificates stand in for those a signature does not carry', async () => {
    const bytes = await edited((xml) =>
      xml.replace(/<ds:KeyInfo>.*<\/ds:KeyInfo>/s, '<ds:KeyInfo/>'),
    );
    const { findings, proof } = judged(bytes, { known: (await device).chain });
    expect(findings).toEqual([]);
    expect(proof.proven.every(Boolean)).toBe(true);
  });

  it('[PL19] a media block signs with a certificate that keys are not for', async () => {
    const { chain, privateKey } = await device;
    const signed = async (usage: LeafUsage) => {
      const leaf = await makeCertificate(
        {
          kind: 'leaf',
          organizationUnit: 'maker.example',
          roles: ['SM'],
          entity: 'maker.IMB.1234',
          publicKey: chain[0]!.key.info,
          serial: 48n,
          notBefore: NOW - DAY,
          notAfter: NOW + DAY * 30,
          usages: [usage],
        },
        { privateKey, certificate: chain[1]! },
        nodeCryptography,
      );
      if (!leaf.ok) throw new Error('no leaf');
      const signer = { chain: [leaf.value, ...chain.slice(1)], privateKey };
      return judged(await writeLogReport(plan(EVENTS), signer, nodeCryptography));
    };
    const right = await signed('digitalSignature');
    expect(codes(right.findings)).toEqual([]);
    expect(right.proof.proven.every(Boolean)).toBe(true);
    expect(codes((await signed('keyEncipherment')).findings)).toContain('missing_key_usage');
  });

  it('[PL8] reports follow one another by the hash of the last header', async () => {
    const first = judged(await written());
    const previousHeaderHash = first.proof.lastHeaderHash!;
    const next = await written(show(300), { previousHeaderHash, firstSequence: 113 });
    expect(judged(next, { previousHeaderHash }).findings).toEqual([]);
    const gap = judged(next, { previousHeaderHash: toBase64(new Uint8Array(20)) });
    expect(codes(gap.findings)).toEqual(['mismatched_previous_report']);
  });

  it('[PL9] a filtered report is still proven and shows no more than it should', async () => {
    const report = read(await written()).value;
    const bytes = writeXml(filterLog(report, { types: ['Playout'], until: NOW + 120 * MINUTE }));
    expect(text(bytes)).not.toContain('KDMKeysReceived');
    const { findings, proof } = judged(bytes);
    expect(findings).toEqual([]);
    expect(proof.proven.every(Boolean)).toBe(true);
    expect(playbacksOf(read(bytes).value, proof).length).toBe(1);
  });

  it('[PL10] SHA-256 and exclusive canonical form are taken; the latter is told', async () => {
    const report = read(await written());
    const { root } = report.value.document;
    const [first] = report.value.records;
    const sha256 = partHash(root, first!.element, first!.body!.element, nodeCryptography, 'sha256');
    const longer = await edited((xml) => xml.replace(first!.header.recordBodyHash!, sha256));
    expect(codes(judged(longer).findings)).not.toContain('mismatched_body_hash');
    const alone = /<lr:LogRecordBody>.*?<\/lr:LogRecordBody>/s.exec(text(await written()))![0];
    const declared = alone.replace(
      '<lr:LogRecordBody',
      '<lr:LogRecordBody xmlns:lr="http://www.smpte-ra.org/schemas/430-4/2008/LogRecord/"',
    );
    const hash = toBase64(digest(nodeCryptography, 'sha1', encodeUtf8(declared)));
    const exclusive = await edited((xml) => xml.replace(first!.header.recordBodyHash!, hash));
    expect(codes(judged(exclusive).findings)).toContain('unusual_record_hash');
    expect(codes(judged(exclusive).findings)).not.toContain('mismatched_body_hash');
  });

  it('[PL16] every code has its text in both languages', () => {
    const folder = join(dirname(fileURLToPath(import.meta.url)), '../src');
    const emitted = new Set<string>();
    for (const name of readdirSync(folder)) {
      const source = readFileSync(join(folder, name), 'utf8');
      for (const match of source.matchAll(
        /(?:finding|#add|#judgeReading)\(\s*(?:\w+, )?'([a-z]+(?:_[a-z]+)+)'/g,
      )) {
        emitted.add(match[1]!);
      }
      for (const match of source.matchAll(/\? '([a-z_]+)' : '([a-z_]+)';/g)) {
        if (match[1]!.includes('_')) emitted.add(match[1]!).add(match[2]!);
      }
    }
    expect(Object.keys(FINDING_TEXTS).sort()).toEqual([...emitted].sort());
    for (const { zh, en } of Object.values(FINDING_TEXTS)) {
      expect(zh).toMatch(/[\u4e00-\u9fff]/);
      expect(en).toMatch(/^[A-Z{]/);
    }
    expect(Object.keys(EVENT_SUBTYPES).length).toBe(5);
  });
});
