import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  digest,
  fromHex,
  memoryFolder,
  renderFinding,
  toBase64,
  type FolderReader,
} from '@yinglian/core';
import { makeChain } from '@yinglian/certificates';
import { generateRsaKey, type RsaKeyPair } from '@yinglian/host';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  buildPackage,
  type ProfileName,
  type VerificationReport,
  neededKeys,
  REPORT_TEXTS,
  verifyPackage,
  type VerifyOptions,
} from '../src/index.ts';
import { FILE_FAULTS } from './fault-list.ts';
import {
  BASES,
  type BaseName,
  build,
  PLAN,
  type SourceChanges,
  sourcesOf,
  type Target,
} from './faults.ts';
import {
  cryptography,
  fixture,
  FIXTURES,
  fixtureFolder,
  HAS_FIXTURES,
  seeded,
} from './fixtures.ts';

const AT = Date.UTC(2026, 10, 23);
const KEY = fromHex('00112233445566778899aabbccddeeff');

const told = (report: VerificationReport): string[] =>
  [...new Set(report.findings.map((each) => `${each.severity} ${each.code}`))].sort();

async function judge(
  files: Map<string, Uint8Array>,
  options: VerifyOptions = {},
): Promise<VerificationReport> {
  return verifyPackage(memoryFolder(files), { cryptography }, { at: AT, ...options });
}

/** Every fault must tell this, whatever else it brings along. */
const BROKEN: Readonly<Record<string, string>> = {
  'assetmap-duplicate-id': 'error duplicate_asset_id',
  'assetmap-empty-path': 'error empty_asset_path',
  'assetmap-path-escape': 'error escaping_asset_path',
  'bom-in-xml': 'error unexpected_byte_order_mark',
  'cpl-annotation-differs': 'warning mismatched_composition_annotation',
  'cpl-content-kind-bad': 'error invalid_content_kind',
  'cpl-duration-beyond-intrinsic': 'error excessive_duration',
  'cpl-edit-rate-30000-1001': 'error unexpected_edit_rate',
  'cpl-ffoc-zero': 'warning unexpected_first_frame_marker',
  'cpl-hash-of-asset-missing': 'error missing_reel_hash',
  'cpl-language-bad': 'error invalid_value',
  'cpl-markers-removed': 'warning missing_first_frame_marker',
  'cpl-no-content-version': 'error missing_element',
  'cpl-not-well-formed': 'error malformed_xml',
  'encrypted-keyid-removed': 'error missing_key_id',
  'encrypted-signature-stripped': 'error unsigned_encrypted_document',
  'missing-asset-file': 'error missing_asset_file',
  'no-assetmap': 'error missing_asset_map',
  'pkl-annotation-differs': 'warning mismatched_packing_list_annotation',
  'pkl-hash-not-base64-20': 'error invalid_hash',
  'signed-cpl-tampered': 'error mismatched_signature_digest',
  'signed-pkl-chain-cut': 'error incomplete_chain',
  'sound-byte-flipped': 'error mismatched_hash',
};

describe.skipIf(!HAS_FIXTURES)('packages of other makers', () => {
  it('[DCP51] nothing but what is expected is said of valid packages', async () => {
    const keys = new Map(
      ['42589da1-82c9-4de4-ab24-f24f2f76fada', '9684dd5a-b170-4514-bb2f-a5ba49aa845b'].map(
        (id) => [id, KEY] as const,
      ),
    );
    const expected: [string, string[]][] = [
      ['generated/dcp/smpte-plain', []],
      // Its name says short, its content kind is trailer.
      ['generated/dcp/smpte-plain-unsigned', ['warning mismatched_name']],
      ['generated/dcp/smpte-encrypted', []],
      ['generated/dcp/interop-plain', []],
      // Its pictures are tiny squares and no cinema codestreams; an auxiliary asset is not with it.
      [
        'libdcp/ref-DCP/dcp_test5',
        [
          'error mismatched_bit_depth',
          'error mismatched_profile',
          'error missing_part_lengths',
          'note unconventional_name',
          'warning external_asset',
        ],
      ],
    ];
    for (const [path, codes] of expected) {
      const report = await judge(fixtureFolder(path), { keys });
      expect([path, told(report)]).toEqual([path, codes]);
      expect(report.checked.frames).toBe(48);
    }
    const encrypted = await judge(fixtureFolder('generated/dcp/smpte-encrypted'), { keys });
    expect(encrypted.checked).toMatchObject({ integrityCodes: 48, signatures: 2, hashes: 2 });
  });

  it('[DCP52] every package with one fault is told by its own code', async () => {
    const names = readdirSync(join(FIXTURES, 'generated/broken')).sort();
    expect(names).toEqual(Object.keys(BROKEN).sort());
    for (const name of names) {
      const told_ = await judge(brokenPackage(name));
      expect([name, told(told_)]).toEqual([name, expect.arrayContaining([BROKEN[name]!])]);
    }
  });

  it('[DCP53] packages of the field are read without a false alarm', async () => {
    const folders = readdirSync(join(FIXTURES, 'clairmeta-data/ECL')).filter((name) =>
      /^ECL\d+-/.test(name),
    );
    expect(folders.length).toBeGreaterThan(15);
    for (const name of folders) {
      const report = await judge(fixtureFolder(`clairmeta-data/ECL/${name}`));
      // Large files were left out of these packages, and one has no picture that is JPEG 2000.
      const absent = ['missing_asset_file', 'missing_referenced_asset'];
      const errors = report.findings.filter(
        (each) => each.severity === 'error' && !absent.includes(each.code),
      );
      expect([name, errors.map((each) => `${each.code} ${JSON.stringify(each.facts)}`)]).toEqual([
        name,
        [],
      ]);
    }
  });

  it('[DCP54] a version file is judged with its original, or a report of it', async () => {
    const ov = fixtureFolder('generated/dcp/smpte-plain-unsigned');
    const vf = new Map([...ov].filter(([path]) => path !== 'picture.mxf'));
    for (const name of [...vf.keys()].filter((path) => /^(ASSETMAP|pkl_)/.test(path))) {
      const text = new TextDecoder().decode(vf.get(name));
      const without = text.replace(
        /<Asset>(?:(?!<\/Asset>)[\s\S])*12b30dd8-350c-41b1-a8cd-7f3693a0303c[\s\S]*?<\/Asset>\s*/,
        '',
      );
      vf.set(name, new TextEncoder().encode(without.replace(/<Length>\d+<\/Length>/g, '')));
    }
    const alone = await judge(vf);
    expect(told(alone)).toContain('warning external_asset');
    const original = await judge(ov);
    const stored = JSON.parse(JSON.stringify(original.assets)) as typeof original.assets;
    for (const options of [{ ovFolders: [memoryFolder(ov)] }, { knownAssets: stored }]) {
      const together = await judge(vf, options);
      expect(told(together)).toEqual([
        // The name says OV, which this package no longer is.
        'warning mismatched_name',
      ]);
      expect(together.compositions[0]!.externalAssets).toEqual([
        '12b30dd8-350c-41b1-a8cd-7f3693a0303c',
      ]);
    }
  });

  it('[DCP55] an Interop sound file of another maker authenticates with its key', async () => {
    const files = fixtureFolder(
      'clairmeta-data/ECL/ECL29-SINGLE-CPL-CRYPT_TST_S_EN-EN_UK-U_51_2K_DI_20180103_ECL_IOP_OV',
    );
    const text = fixture('clairmeta-data/ECL/ECL29.key.txt');
    const match = /a32d1b45-475f-43db-9965-943b9617e316[\s\S]*?key_data=>"([0-9a-f]{32})"/.exec(
      new TextDecoder().decode(text),
    );
    if (match === null) throw new Error('no key in ECL29.key.txt');
    const report = await judge(files, {
      keys: new Map([['a32d1b45-475f-43db-9965-943b9617e316', fromHex(match[1]!)]]),
    });
    expect(report.checked.integrityCodes).toBe(24);
    expect(told(report).filter((each) => /integrity|mismatched_key/.test(each))).toEqual([]);
  });
});

function brokenPackage(name: string): Map<string, Uint8Array> {
  const path = join(FIXTURES, 'generated/broken', name, 'expected.json');
  const { base, removed_files: removed } = JSON.parse(readFileSync(path, 'utf8')) as {
    base: string;
    removed_files: string[];
  };
  const files = fixtureFolder(base.replace(/ \(.*/, ''));
  for (const file of removed) files.delete(file);
  for (const [file, bytes] of fixtureFolder(`generated/broken/${name}`)) {
    if (file !== 'expected.json') files.set(file, bytes);
  }
  return files;
}

describe.skipIf(!HAS_FIXTURES)('single faults of our own', () => {
  const bases = new Map<BaseName, Target>();
  const clean = new Map<BaseName, string[]>();
  const keysOf = (target: Target) =>
    new Map(target.built.keys.map((each) => [each.keyId, each.key] as const));

  beforeAll(async () => {
    for (const name of Object.keys(BASES) as BaseName[]) {
      const target = await BASES[name]();
      bases.set(name, target);
      const report = await judge(target.files, { profile: profileOf(name), keys: keysOf(target) });
      clean.set(name, told(report));
    }
  });

  const profileOf = (base: BaseName): ProfileName => (base === 'interop' ? 'interop' : 'bv21');

  it('[DCP56] packages that we build ourselves are clean', () => {
    expect(Object.fromEntries(clean)).toEqual({
      plain: [],
      signed: [],
      encrypted: [],
      interop: [],
      text: [],
      stereoscopic: [],
    });
  });

  // Hundreds of packages are read through; a busy machine takes its time.
  it('[DCP57] each fault is told by its own code', { timeout: 300_000 }, async () => {
    expect(FILE_FAULTS.length).toBeGreaterThan(190);
    const missed: string[] = [];
    const unworded = new Set<string>();
    for (const fault of FILE_FAULTS) {
      const base = fault.base ?? 'plain';
      const target = bases.get(base)!.copy();
      try {
        fault.apply(target);
      } catch (error) {
        missed.push(`${fault.name}: ${String(error)}`);
        continue;
      }
      const report = await judge(target.files, { profile: profileOf(base), keys: keysOf(target) });
      const codes = report.findings.map((each) => each.code);
      for (const each of report.findings) {
        const words =
          renderFinding(each, REPORT_TEXTS, 'zh-CN') + renderFinding(each, REPORT_TEXTS, 'en');
        if (!(each.code in REPORT_TEXTS) || words.includes('?'))
          unworded.add(`${each.code}: ${words}`);
      }
      if (!codes.includes(fault.code))
        missed.push(`${fault.name}: ${fault.code} not in ${[...new Set(codes)].join(' ')}`);
    }
    expect(missed).toEqual([]);
    expect([...unworded]).toEqual([]);
  });

  it('[DCP58] faults of essence are told by their own code', { timeout: 300_000 }, async () => {
    const missed: string[] = [];
    for (const { code, base, changes } of ESSENCE_FAULTS) {
      const target = await rebuilt(base, changes);
      const report = await judge(target.files, { profile: 'bv21' });
      const codes = report.findings.map((each) => each.code);
      if (!codes.includes(code)) missed.push(`${code} not in ${[...new Set(codes)].join(' ')}`);
    }
    expect(missed).toEqual([]);
  });

  it('[DCP95] what changes from reel to reel is told', async () => {
    const reel = { picture: { source: 'picture' }, sound: { source: 'sound', language: 'en-US' } };
    const texts = { ...reel, subtitle: { source: 'text', language: 'en-US' } };
    const codes = async (target: Target, profile: ProfileName = 'bv21') =>
      (await judge(target.files, { profile })).findings.map((each) => each.code);
    const half = await build({ reels: [texts, reel] }, { frames: 240 });
    expect(await codes(half)).toContain('changed_text_count');
    const whole = await build({ reels: [texts, texts] }, { frames: 240 });
    expect(await codes(whole)).not.toContain('changed_text_count');
    const folder = memoryFolder();
    const other = { ...reel, sound: { source: 'wide', language: 'en-US' } };
    const sources = { ...sourcesOf(), wide: sourcesOf({ channels: '71' })['sound']! };
    const built = await buildPackage({ ...PLAN, reels: [reel, other] }, sources, folder, {
      cryptography,
      random: seeded('channels'),
    });
    expect(built.ok).toBe(true);
    const channels = await judge(folder.files, { profile: 'bv21' });
    const found = channels.findings.find((each) => each.code === 'changed_channel_count');
    expect(found?.facts['counts']).toEqual(['6', '12']);
  });

  it('[DCP98] a signer in the role of a device is told', async () => {
    const made = await Promise.all([1, 2, 3].map(() => generateRsaKey()));
    const [root, intermediate, leaf] = made as [RsaKeyPair, RsaKeyPair, RsaKeyPair];
    const chain = await makeChain(
      {
        organization: 'test.example',
        organizationUnit: 'test.example',
        name: 'maker.block.1',
        roles: ['SM'],
        notBefore: AT - 86_400_000,
        notAfter: AT + 86_400_000,
        serials: { root: 1n, intermediate: 2n, leaf: 3n },
      },
      { root, intermediate, leaf },
      cryptography,
    );
    if (!chain.ok) throw new Error('no chain');
    const folder = memoryFolder();
    await buildPackage(PLAN, sourcesOf(), folder, {
      cryptography,
      random: seeded('device'),
      signer: { chain: chain.value, privateKey: leaf.privateKey },
    });
    const report = await judge(folder.files, { depth: 'headers' });
    expect(told(report)).toEqual(['warning mismatched_certificate_role']);
  });

  it('[DCP97] a package of the other standard than its profile is told', async () => {
    const codes = async (base: BaseName, profile: ProfileName) => {
      const { findings } = await judge(bases.get(base)!.files, { profile, depth: 'headers' });
      return findings.map((each) => each.code).filter((code) => code === 'unexpected_standard');
    };
    expect(await codes('interop', 'bv21')).toEqual(['unexpected_standard']);
    expect(await codes('interop', 'smpte')).toEqual(['unexpected_standard']);
    expect(await codes('plain', 'interop')).toEqual(['unexpected_standard']);
    for (const profile of ['auto', 'standard', 'interop'] as const) {
      expect(await codes('interop', profile)).toEqual([]);
    }
    expect(await codes('plain', 'bv21')).toEqual([]);
  });

  it('[DCP96] a version named as such beside its original is no fault', async () => {
    const target = bases.get('plain')!.copy();
    const path = target.path('cpl_');
    const original = new TextDecoder().decode(target.files.get(path));
    const version = original
      .replaceAll('_SMPTE_OV', '_SMPTE_VF')
      .replace(/<Id>urn:uuid:[0-9a-f]{8}/, '<Id>urn:uuid:abababab');
    const id = /<Id>urn:uuid:([^<]*)/.exec(version)![1]!;
    const bytes = new TextEncoder().encode(version);
    target.files.set(`cpl_${id}.xml`, bytes);
    const hash = toBase64(digest(cryptography, 'sha1', bytes));
    const entry = `<Asset><Id>urn:uuid:${id}</Id>`;
    target.pkl((text) =>
      text.replace(
        '</AssetList>',
        `${entry}<Hash>${hash}</Hash><Size>${bytes.length}</Size>` +
          '<Type>text/xml</Type></Asset></AssetList>',
      ),
    );
    target.map((text) =>
      text.replace(
        '</AssetList>',
        `${entry}<ChunkList><Chunk><Path>cpl_${id}.xml</Path></Chunk></ChunkList>` +
          '</Asset></AssetList>',
      ),
    );
    const report = await judge(target.files, { profile: 'bv21' });
    expect(report.compositions.length).toBe(2);
    expect(told(report).filter((each) => each.includes('name'))).toEqual([]);
  });

  it('[DCP93] texts are held to their reel, their order and their schema', async () => {
    const text = (xml: string) =>
      xml
        .replace('TimeOut="00:00:06:00"', 'TimeOut="00:00:07:12"')
        .replace('TimeOut="00:00:08:00"', 'TimeOut="00:00:28:00"')
        .replace(
          '</Font></SubtitleList>',
          '<Subtitle SpotNumber="2" TimeIn="00:00:04:00" TimeOut="00:00:04:20">' +
            '<Text Valign="middle" Vposition="150"/></Subtitle></Font></SubtitleList>',
        )
        .replace('<ReelNumber>1', '<ReelNumber>2')
        .replace('<TimeCodeRate>24', '<TimeCodeRate>25')
        .replace(/<IssueDate>[^<]*<\/IssueDate>/, '')
        .replace('<Font ID="font">', '<Font ID="font" Color="white">');
    const report = await judge((await rebuilt('text', { frames: 240, text })).files);
    const codes = report.findings.map((each) => each.code);
    expect(codes).toEqual(
      expect.arrayContaining([
        'overlapping_text',
        'overrunning_text',
        'misordered_text',
        'empty_text',
        'mismatched_reel_number',
        'mismatched_time_code_rate',
        'missing_element',
        'duplicate_spot_number',
      ]),
    );
    const attributes = report.findings.filter((each) => each.code === 'invalid_text_attribute');
    expect(attributes.map((each) => each.facts['attribute']).sort()).toEqual([
      'Color',
      'Valign',
      'Vposition',
    ]);
  });

  it('[DCP59] a house profile changes severities and takes rules out', async () => {
    const target = bases.get('plain')!.copy();
    target.cpl((text) => text.replace('FFOC', 'FFTC'));
    const report = await judge(target.files, {
      profile: {
        base: 'bv21',
        severities: { missing_first_frame_marker: 'error', unexpected_file: 'ignored' },
      },
    });
    expect(told(report)).toEqual(['error missing_first_frame_marker']);
    const plain = await judge(target.files, { profile: 'smpte' });
    expect(told(plain)).toEqual([]);
  });

  it('[DCP60] work can be watched and cancelled', async () => {
    const target = bases.get('plain')!;
    const seen: string[] = [];
    await judge(target.files, {
      onProgress: ({ file, done, total }) => seen.push(`${file} ${done === total}`),
    });
    expect(seen.filter((each) => each.endsWith('true')).length).toBe(4);
    const controller = new AbortController();
    controller.abort(new Error('enough'));
    await expect(judge(target.files, { signal: controller.signal })).rejects.toThrow('enough');
  });

  it('[DCP78] a look at the headers alone says what a package is', async () => {
    const target = bases.get('encrypted')!.copy();
    target.files.get(target.path('sound_'))![60_000]! ^= 1;
    const quick = await judge(target.files, { depth: 'headers' });
    expect(told(quick)).not.toContain('error mismatched_hash');
    expect(quick.checked).toMatchObject({ hashes: 0, frames: 0, signatures: 2 });
    expect(quick.compositions[0]).toMatchObject({
      encrypted: true,
      durationFrames: 48,
      bv21: true,
    });
    const picture = quick.assets.find((each) => each.essence === 'jpeg2000')!;
    expect(picture).toMatchObject({ durationFrames: 24, picture: { width: 1998, height: 1080 } });
  });

  it('[DCP79] the keys that a composition needs are listed with their types', () => {
    const { composition, keys } = bases.get('encrypted')!.built;
    expect(neededKeys(composition)).toEqual(
      keys.map(({ keyId, type, assetId }) => ({ keyId, type, assetIds: [assetId] })),
    );
    expect(neededKeys(bases.get('plain')!.built.composition)).toEqual([]);
  });

  it('[DCP61] a file is read once, from end to end', async () => {
    const target = bases.get('plain')!;
    const folder = memoryFolder(target.files);
    const reads = new Map<string, number>();
    const counting: FolderReader = {
      list: () => folder.list(),
      open: async (path) => {
        const source = await folder.open(path);
        return (
          source && {
            ...source,
            read: async (offset, length) => {
              const bytes = await source.read(offset, length);
              reads.set(path, (reads.get(path) ?? 0) + bytes.length);
              return bytes;
            },
          }
        );
      },
    };
    await verifyPackage(counting, { cryptography });
    const picture = target.path('picture_');
    // The first 64 bytes are looked at to tell what the file is.
    expect(reads.get(picture)! - target.files.get(picture)!.length).toBeLessThanOrEqual(64);
  });
});

type EssenceFault = {
  readonly code: string;
  readonly base: BaseName;
  readonly changes: SourceChanges;
};

const text = (code: string, change: (xml: string) => string): EssenceFault => ({
  code,
  base: 'text',
  changes: { frames: 240, text: change },
});
const ESSENCE_FAULTS: readonly EssenceFault[] = [
  { code: 'missing_channel_labels', base: 'plain', changes: { channels: 'none' } },
  {
    code: 'excessive_frame_bytes',
    base: 'plain',
    changes: { frame: (f) => padded(f, 1_302_084) },
  },
  { code: 'high_bit_rate', base: 'plain', changes: { frame: (f) => padded(f, 1_250_000) } },
  {
    code: 'excessive_frame_bytes',
    base: 'stereoscopic',
    changes: { stereoscopic: true, frame: (f) => padded(f, 651_042) },
  },
  {
    code: 'unexpected_picture_size',
    base: 'plain',
    changes: { frame: (f) => resized(f, 1920) },
  },
  {
    code: 'missing_timed_text_resource',
    base: 'text',
    changes: { frames: 240, resources: false },
  },
  text('missing_text_language', (x) => x.replace('<Language>en-US</Language>', '')),
  text('mismatched_language', (x) => x.replace('<Language>en-US<', '<Language>fr-FR<')),
  text('missing_start_time', (x) => x.replace('<StartTime>00:00:00:00</StartTime>', '')),
  text('nonzero_start_time', (x) =>
    x.replace('<StartTime>00:00:00:00<', '<StartTime>01:00:00:00<'),
  ),
  text('fractional_text_date', (x) => x.replace('20:46:31+', '20:46:31.5+')),
  text('early_text', (x) => x.replace('TimeIn="00:00:05:00"', 'TimeIn="00:00:01:00"')),
  text('short_text', (x) => x.replace('TimeOut="00:00:06:00"', 'TimeOut="00:00:05:05"')),
  text('crowded_text', (x) => x.replace('TimeOut="00:00:06:00"', 'TimeOut="00:00:06:23"')),
  text('reversed_text', (x) => x.replace('TimeOut="00:00:06:00"', 'TimeOut="00:00:04:12"')),
  text('late_text', (x) =>
    x.replace('"00:00:07:00"', '"00:00:57:00"').replace('"00:00:08:00"', '"00:00:58:00"'),
  ),
  text('invalid_text_time', (x) => x.replace('"00:00:07:00"', '"00:00:07:24"')),
  text('empty_text', (x) => x.replace(/<Font[\s\S]*<\/Font>/, '')),
  text('missing_font', (x) => x.replace('<Font ID="font">', '<Font ID="other">')),
  text('long_text_line', (x) => x.replace('First line', 'x'.repeat(60))),
  text('excessive_text_line', (x) => x.replace('First line', 'x'.repeat(80))),
  text('excessive_text_lines', (x) =>
    x.replace(
      /(<Text) Valign="bottom" Vposition="8">First/,
      '$1 Vposition="1">a</Text><Text Vposition="2">b</Text>' +
        '<Text Vposition="3">c</Text><Text Vposition="4">First',
    ),
  ),
  text('mismatched_text_rate', (x) => x.replace('<EditRate>24 1<', '<EditRate>25 1<')),
  text('unexpected_timed_text_resource', (x) =>
    x.replace(/<LoadFont[\s\S]*?<\/LoadFont>/, '').replace('<Font ID="font">', '<Font>'),
  ),
  text('mismatched_timed_text_id', (x) => x.replace('22222222-2222', '22222222-3333')),
  text('mismatched_timed_text_namespace', (x) => x.replace('428-7/2014', '428-7/2010')),
  text('unreadable_timed_text', (x) => x.replace('</SubtitleReel>', '')),
];

async function rebuilt(base: BaseName, changes: SourceChanges): Promise<Target> {
  if (base === 'text') {
    return build(
      {
        reels: [
          {
            picture: { source: 'picture' },
            sound: { source: 'sound', language: 'en-US' },
            subtitle: { source: 'text', language: 'en-US' },
          },
        ],
      },
      changes,
    );
  }
  return build({}, { ...changes, frames: 24 });
}

/** Zeros in the last tile-part: the codestream stays readable and grows to the size. */
function padded(frame: Uint8Array, bytes: number): Uint8Array {
  const grown = new Uint8Array(bytes);
  grown.set(frame);
  return grown;
}

function resized(frame: Uint8Array, width: number): Uint8Array {
  const view = new DataView(frame.buffer, frame.byteOffset);
  view.setUint32(8, width);
  view.setUint32(24, width);
  return frame;
}
