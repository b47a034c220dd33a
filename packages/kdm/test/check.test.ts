import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeUtf8, encodeUtf8 } from '@yinglian/core';
import { nodeCryptography, randomBytes } from '@yinglian/host';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  checkKdm,
  FINDING_TEXTS,
  forensicFlags,
  formulationOf,
  issueKdm,
  type KdmCheck,
  openKdm,
  readForensicFlags,
  readKdm,
} from '@yinglian/kdm';
import { FINDING_TEXTS as CERTIFICATE_TEXTS } from '@yinglian/certificates';
import { FINDING_TEXTS as CORE_TEXTS } from '@yinglian/core';
import { ALGORITHMS, FINDING_TEXTS as XML_TEXTS } from '@yinglian/xml';
import {
  type Cast,
  cast,
  DAY,
  fixtureChain,
  fixtureComposition,
  FIXTURES,
  fixtureKey,
  HAS_FIXTURES,
  KEY_IDS,
  type Maker,
  NOW,
  value,
} from './fixtures.ts';

let all: Cast;
let text = '';
const seenCodes = new Set<string>();

beforeAll(async () => {
  all = await cast();
  const to = { ...all.to, formulation: 'dci-any' as const };
  text = decodeUtf8(value(await issueKdm(all.batch, to, nodeCryptography, randomBytes)).bytes)!;
});

function judge(bytes: Uint8Array, check: KdmCheck = {}): string[] {
  const outcome = checkKdm(bytes, check, nodeCryptography);
  for (const each of outcome.findings) seenCodes.add(each.code);
  return outcome.findings.map((each) => each.code);
}

const own = (changed: string, check: KdmCheck = {}) =>
  judge(encodeUtf8(changed), {
    recipient: all.recipient[0]!,
    privateKey: all.device.privateKey,
    ...check,
  });

/** The fault of each broken message, by the code that names it. */
const FAULTS: Record<string, string | undefined> = {
  'certificates-removed': 'missing_certificate',
  'cipher-truncated': 'invalid_cipher_size',
  'cipher-values-swapped': 'misplaced_key_block',
  'device-list-empty': 'empty_device_list',
  'duplicate-id': 'duplicate_element_id',
  'encrypted-key-missing': 'missing_key_block',
  'encrypted-windows-differ': 'mismatched_block_window',
  'inner-key-type-differs': 'mismatched_block_key_type',
  'inner-signer-thumbprint-wrong': 'mismatched_signer_thumbprint',
  'inner-structure-id-wrong': 'mismatched_structure_id',
  'key-id-not-in-cpl': 'missing_content_key',
  'no-authorized-device-info': 'missing_message_element',
  'not-before-after-not-after': 'reversed_window',
  'outer-cpl-unknown': 'mismatched_composition',
  'signature-removed': 'missing_signature',
  'signed-by-other-key': 'mismatched_signature_value',
  'tampered-window': 'mismatched_signature_digest',
  'window-without-offset': 'missing_window_offset',
  'valid-forensic-flags': undefined,
  'valid-interop-block-134': undefined,
};

describe.runIf(HAS_FIXTURES)('the test data', () => {
  const check = (maker: Maker): KdmCheck => ({
    recipient: fixtureChain(maker)[0]!,
    trustedRoots: [fixtureChain('filmnet')[2]!],
    cpl: fixtureComposition(),
    privateKey: fixtureKey(`generated/chains/${maker}/leaf.key`),
  });

  it('[KD10] finds every single fault by its own code', () => {
    const folder = join(FIXTURES, 'generated/kdm/broken');
    const files = readdirSync(folder).filter((name) => name.endsWith('.kdm.xml'));
    expect(files).toHaveLength(Object.keys(FAULTS).length);
    for (const file of files) {
      const name = file.replace('.kdm.xml', '');
      const bytes = readFileSync(join(folder, file));
      const found = judge(bytes, check('acmeplayers'));
      const expected = FAULTS[name];
      if (expected === undefined) expect(found, name).toEqual([]);
      else expect(found, name).toContain(expected);
      const { privateKey, ...options } = check('acmeplayers');
      const opened = openKdm(bytes, privateKey!, options, nodeCryptography);
      // Swapped blocks are found by their ids; everything else keeps the keys closed.
      expect(opened.ok, name).toBe(expected === undefined || name === 'cipher-values-swapped');
    }
  });

  it('[KD10] has nothing to say about the valid ones', () => {
    const folder = join(FIXTURES, 'generated/kdm/valid');
    for (const file of readdirSync(folder)) {
      const [, formulation, maker] = file.split('.');
      const bytes = readFileSync(join(folder, file));
      expect(judge(bytes, check(maker as Maker)), file).toEqual([]);
      expect(formulationOf(value(readKdm(bytes)))).toBe(formulation);
      const stranger = check(maker === 'oldstar' ? 'acmeplayers' : 'oldstar');
      expect(judge(bytes, stranger)).toContain('mismatched_recipient');
      expect(judge(bytes, stranger)).toContain('unopened_key_block');
    }
  });

  it('[KD14] opens messages of other makers', () => {
    const makers: [string, string, number, readonly string[]][] = [
      [
        'clairmeta-data/ECL/KDM_ECL29_FR-Y-LABO_Leaf_c2b01941-a633-4ee1-9101-4645cca97be1.xml',
        'clairmeta-data/ECL/leaf.key',
        12,
        [],
      ],
      ['libdcp/data/other_kdm.xml', 'libdcp/data/private.key', 2, []],
    ];
    for (const [file, key, count, tolerate] of makers) {
      const bytes = readFileSync(join(FIXTURES, file));
      const outcome = openKdm(bytes, fixtureKey(key), { tolerate }, nodeCryptography);
      const errors = outcome.findings.filter((each) => each.severity === 'error');
      expect(errors, file).toEqual([]);
      expect(value(outcome).keys).toHaveLength(count);
    }
  });

  it('[KD13] gives keys of a message that does not hold only to who names its faults', () => {
    const folder = join(FIXTURES, 'libdcp/data');
    const file = readdirSync(folder).find((name) => name.startsWith('kdm_TONEPLATES'))!;
    const bytes = readFileSync(join(folder, file));
    const key = fixtureKey('libdcp/data/private.key');
    const closed = openKdm(bytes, key, {}, nodeCryptography);
    expect(closed.ok).toBe(false);
    const codes = closed.findings
      .filter((each) => each.severity === 'error')
      .map((each) => each.code);
    expect(codes).toContain('mismatched_signature_digest');
    const open = openKdm(bytes, key, { tolerate: codes }, nodeCryptography);
    expect(value(open).keys).toHaveLength(2);
    expect(openKdm(bytes, key, { tolerate: codes.slice(1) }, nodeCryptography).ok).toBe(false);
  });
});

describe('check', () => {
  it('[KD11] refuses wrapped signatures, wherever the signed parts went', () => {
    expect(own(text)).toEqual([]);
    const part = /<AuthenticatedPublic .*<\/AuthenticatedPublic>/s.exec(text)![0];
    const forged = part.replace(/2026-11-30T/g, '2036-11-30T');
    const places: [string, string][] = [
      ['</ds:Signature>', `<ds:Object>${part}</ds:Object></ds:Signature>`],
      ['</DCinemaSecurityMessage>', `<Extra>${part}</Extra></DCinemaSecurityMessage>`],
      [
        '<NonCriticalExtensions></NonCriticalExtensions>',
        `<NonCriticalExtensions>${part}</NonCriticalExtensions>`,
      ],
    ];
    for (const [mark, moved] of places) {
      for (const id of ['ID_AuthenticatedPublic', 'Other']) {
        const wrapper = forged.replace('Id="ID_AuthenticatedPublic"', `Id="${id}"`);
        const wrapped = text.replace(part, wrapper).replace(mark, () => moved);
        const found = own(wrapped);
        expect(
          found.some((code) =>
            ['duplicate_element_id', 'mismatched_reference_target'].includes(code),
          ),
          mark,
        ).toBe(true);
        expect(openKdm(encodeUtf8(wrapped), all.device.privateKey, {}, nodeCryptography).ok).toBe(
          false,
        );
      }
    }
    const twice = text.replace(
      part,
      () => forged.replace(' Id="ID_AuthenticatedPublic"', '') + part,
    );
    expect(own(twice)).toContain('duplicate_message_element');
  });

  it('[KD12] compares the inside of every block with the outside', async () => {
    // A message whose outside was changed and signed again: only the blocks tell the truth.
    const other = {
      ...all.batch,
      cplId: KEY_IDS[0],
      keys: all.batch.keys.map((key, index) => ({
        ...key,
        keyType: 'MDSK' as const,
        keyId: index === 0 ? all.batch.cplId : key.keyId,
      })),
    };
    const stranger = decodeUtf8(
      value(await issueKdm(other, all.to, nodeCryptography, randomBytes)).bytes,
    )!;
    const privatePart = (of: string) =>
      /<AuthenticatedPrivate.*<\/AuthenticatedPrivate>/s.exec(of)![0];
    const found = own(text.replace(privatePart(text), () => privatePart(stranger)));
    for (const code of [
      'mismatched_signature_digest',
      'mismatched_block_composition',
      'unlisted_block_key',
      'mismatched_block_key_type',
      'missing_content_key',
    ]) {
      expect(found).toContain(code);
    }
    const doubled = text.replace(
      /<enc:EncryptedKey>.*?<\/enc:EncryptedKey>\n/s,
      (key) => key + key,
    );
    expect(own(doubled)).toEqual(
      expect.arrayContaining(['unexpected_key_block', 'duplicate_key_id']),
    );
    const make = async (batch: typeof all.batch) => {
      const to = { ...all.to, formulation: 'modified-transitional-1' as const };
      return decodeUtf8(value(await issueKdm(batch, to, nodeCryptography, randomBytes)).bytes)!;
    };
    const weak = all.batch.keys.map((key) => ({ ...key, key: new Uint8Array(16).fill(7) }));
    expect(new Set(own(await make({ ...all.batch, keys: weak })))).toEqual(
      new Set(['weak_content_key']),
    );
    const blocks = (of: string) => of.match(/<enc:EncryptedKey>.*?<\/enc:EncryptedKey>/gs)!;
    const interop = blocks(await make({ ...all.batch, standard: 'interop' }));
    const mixed = text.replace(blocks(text)[0]!, () => interop[0]!);
    expect(own(mixed)).toContain('mismatched_block_forms');
  });

  it('[KD26] compares titles and types of keys with the composition', () => {
    const cpl = {
      id: all.batch.cplId,
      keyIds: [...KEY_IDS],
      title: all.batch.contentTitle,
      keyTypes: new Map(all.batch.keys.map(({ keyId, keyType }) => [keyId, keyType as string])),
    };
    expect(own(text, { cpl })).toEqual([]);
    expect(own(text, { cpl: { ...cpl, title: 'Another' } })).toEqual(['mismatched_content_title']);
    const keyTypes = new Map([[KEY_IDS[0], 'MDAK']]);
    expect(own(text, { cpl: { ...cpl, keyTypes } })).toEqual(['mismatched_key_type']);
    expect(own(text, { at: NOW - 2 * DAY })).toEqual(['premature_message', 'unopened_window']);
  });

  it('[KD12] judges form on the way', () => {
    const faults: [RegExp | string, string, string][] = [
      [
        'http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p',
        'http://www.w3.org/2001/04/xmlenc#rsa-1_5',
        'unexpected_key_encryption',
      ],
      [/<CertificateThumbprint>[^<]*/, '<CertificateThumbprint>AAAA', 'invalid_thumbprint'],
      [/<KeyIdList>.*<\/KeyIdList>/s, '<KeyIdList></KeyIdList>', 'empty_key_list'],
      [/<CompositionPlaylistId>[^<]*/, '<CompositionPlaylistId>none', 'invalid_uuid'],
      ['>MDIK<', '>ZZZZ<', 'unknown_key_type'],
      ['#kdm-key-type">MDIK', '#other">MDIK', 'unexpected_key_scope'],
      [/<Signer>.*<\/Signer>/s, '<Signer></Signer>', 'mismatched_signer_identity'],
      [/(<ContentKeysNotValidBefore>)[^<]*/, '$1soon', 'invalid_message_time'],
      [/(<ContentKeysNotValidBefore>)[^<]*/, '$12026-11-23T12:00:00Z', 'unusual_message_time'],
      [/Id="ID_AuthenticatedPublic"/, 'Id="X"', 'mismatched_part_id'],
      [
        '</KeyIdList>',
        '</KeyIdList><ForensicMarkFlagList><ForensicMarkFlag>urn:x</ForensicMarkFlag></ForensicMarkFlagList>',
        'unknown_forensic_flag',
      ],
      [
        '</CertificateThumbprint>',
        '</CertificateThumbprint><CertificateThumbprint>AAAAAAAAAAAAAAAAAAAAAAAAAAA=</CertificateThumbprint>',
        'unexpected_assume_trust',
      ],
      ['<?xml', '\ufeff<?xml', 'unexpected_byte_order_mark'],
      ['#kdm-key-type</MessageType>', '#other</MessageType>', 'unexpected_message_type'],
      [/<MessageType>[^<]*<\/MessageType>/, '', 'unexpected_message_type'],
      [
        /(<ContentKeysNotValidBefore>.*?)(<ContentKeysNotValidAfter>.*?)(?=<Auth)/s,
        '$2$1',
        'misplaced_message_element',
      ],
      ['<KeyIdList>', '<Colour>red</Colour><KeyIdList>', 'unexpected_message_element'],
      ['<NonCriticalExtensions></NonCriticalExtensions>', '', 'missing_schema_element'],
      [/(<CertificateThumbprint>.*?<\/CertificateThumbprint>)/, '$1$1', 'duplicate_device'],
      ...['MessageType', 'NonCriticalExtensions', 'ContentAuthenticator', 'DeviceListDescription']
        .concat(['ds:X509IssuerName', 'ds:X509SerialNumber'])
        .concat(['enc:EncryptionMethod', 'enc:CipherData'])
        .map((name): [RegExp, string, string] => [
          new RegExp(`<${name}[ >].*?</${name}>`, 's'),
          '$&$&',
          'duplicate_message_element',
        ]),
      ['<MessageId>urn:uuid:', '<MessageId>', 'unconventional_identifier'],
      [
        /<MessageId>[^<]*/,
        '<MessageId>urn:uuid:00000000-0000-0000-0000-000000000000',
        'unconventional_identifier',
      ],
      [
        '</KDMRequiredExtensions>',
        '<ForensicMarkFlagList></ForensicMarkFlagList></KDMRequiredExtensions>',
        'empty_flag_list',
      ],
      [
        '</KDMRequiredExtensions>',
        `<ForensicMarkFlagList>${'<ForensicMarkFlag>urn:x</ForensicMarkFlag>'.repeat(2)}` +
          '</ForensicMarkFlagList></KDMRequiredExtensions>',
        'duplicate_forensic_flag',
      ],
    ];
    for (const [from, to, code] of faults) {
      const changed = text.replace(from, to);
      expect(changed, code).not.toBe(text);
      expect(own(changed), code).toContain(code);
    }
    expect(judge(encodeUtf8('<CompositionPlaylist/>'))).toEqual(['unexpected_message_root']);
    expect(judge(encodeUtf8('<a'))).toEqual(['malformed_xml']);
  });

  it('[KD10] refuses signatures and digests with SHA-1', () => {
    const weak = text.replaceAll(ALGORITHMS.rsaSha256, ALGORITHMS.rsaSha1);
    expect(own(weak)).toContain('unexpected_signature_algorithm');
    const digests = text.replace(`Method Algorithm="${ALGORITHMS.sha256}"`, (match) =>
      match.replace(ALGORITHMS.sha256, ALGORITHMS.sha1),
    );
    expect(own(digests)).toContain('unexpected_signature_algorithm');
  });

  it('[KD13] keeps keys closed to the wrong key', () => {
    expect(own(text, { privateKey: all.keys.root.privateKey })).toEqual(
      [
        'unopened_key_block',
        'unopened_key_block',
        'missing_content_key',
        'missing_content_key',
      ].sort((a, b) => (a === b ? 0 : a > b ? -1 : 1)),
    );
    expect(openKdm(encodeUtf8(text), all.keys.root.privateKey, {}, nodeCryptography).ok).toBe(
      false,
    );
  });

  it('[KD15] never throws, whatever the bytes', () => {
    const bytes = encodeUtf8(text);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255), fc.nat(2)), {
          minLength: 1,
          maxLength: 4,
        }),
        (mutations) => {
          let changed = bytes.slice();
          for (const [at, byte, kind] of mutations) {
            if (kind === 0) changed[at % changed.length] = byte;
            else if (kind === 1) changed = changed.slice(0, Math.max(1, at));
            else changed.copyWithin(at % changed.length, 0, byte);
          }
          const outcome = openKdm(changed, all.device.privateKey, {}, nodeCryptography);
          // What still opens has the very same keys.
          if (outcome.ok) expect(outcome.value.keys.map((each) => each.keyId)).toEqual(KEY_IDS);
        },
      ),
      { numRuns: 400 },
    );
  });

  it('[KD16] judges the window against clock and certificates', () => {
    expect(own(text, { at: NOW })).toEqual(['unopened_window']);
    expect(own(text, { at: NOW + 2 * DAY })).toEqual([]);
    expect(own(text, { at: NOW + 9 * DAY })).toEqual(['closed_window']);
    const late = text.replace('<ContentKeysNotValidAfter>2026', '<ContentKeysNotValidAfter>2036');
    expect(own(late)).toEqual(
      expect.arrayContaining([
        'excessive_signer_window',
        'excessive_recipient_window',
        'mismatched_block_window',
      ]),
    );
  });

  it('[KD17] reads and writes forensic flags', () => {
    for (const marking of [
      {},
      { picture: 'off' },
      { audio: 'off' },
      { picture: 'off', audio: { aboveChannel: 6 } },
    ] as const) {
      expect(readForensicFlags(forensicFlags(marking))).toEqual({ marking, unknown: [] });
    }
    expect(forensicFlags({ audio: { aboveChannel: 6 } })).toEqual([
      'http://www.dcimovies.com/430-1/2006/KDM#mrkflg-audio-disable-above-channel-06',
    ]);
    expect(
      readForensicFlags([
        'http://www.smpte-ra.org/430-1/2006/KDM#mrkflg-audio-disable-above-channel-6',
        'x',
      ]),
    ).toEqual({
      marking: { audio: { aboveChannel: 6 } },
      unknown: ['x'],
    });
  });

  it('[KD21] has a text in both languages for every code', () => {
    const known = { ...CORE_TEXTS, ...XML_TEXTS, ...CERTIFICATE_TEXTS, ...FINDING_TEXTS };
    for (const code of seenCodes) expect(Object.keys(known), code).toContain(code);
    const folder = join(import.meta.dirname, '../src');
    const sources = readdirSync(folder)
      .map((file) => readFileSync(join(folder, file), 'utf8'))
      .join('\n');
    const emitted = [
      ...sources.matchAll(/(?:finding|report)\(\s*'([a-z_]+)'|[?:] '([a-z]+_[a-z_]+)'/g),
    ];
    for (const match of emitted) expect(Object.keys(known)).toContain(match[1] ?? match[2]);
    expect(emitted.length).toBeGreaterThan(50);
  });
});
