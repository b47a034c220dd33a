import { memoryFolder } from '@yinglian/core';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  buildPackage,
  type HouseLimits,
  type Profile,
  readHouseProfile,
  verifyPackage,
  type VerifyOptions,
} from '../src/index.ts';
import { registeredCode } from '../src/registries/registry.ts';
import { BASES, type BaseName, PLAN, sourcesOf, type Target } from './faults.ts';
import { cryptography, HAS_FIXTURES, seeded } from './fixtures.ts';

const bases = new Map<BaseName, Target>();
beforeAll(async () => {
  if (!HAS_FIXTURES) return;
  for (const name of ['plain', 'encrypted', 'text'] as const) {
    bases.set(name, await BASES[name]());
  }
});

const DEFAULT: Profile = { base: 'bv21' };

function judge(base: BaseName, limits: HouseLimits, more: VerifyOptions = {}) {
  const profile = { ...DEFAULT, name: 'House', limits };
  return verifyPackage(
    memoryFolder(bases.get(base)!.files),
    { cryptography },
    { profile, ...more },
  );
}
const codes = async (...given: Parameters<typeof judge>) => [
  ...new Set((await judge(...given)).findings.map(({ code }) => code)),
];
const keysOf = (base: BaseName) =>
  new Map(bases.get(base)!.built.keys.map(({ keyId, key }) => [keyId, key] as const));

const BREACHES: readonly (readonly [string, BaseName, HouseLimits])[] = [
  ['excessive_bit_rate', 'plain', { pictureMbitPeak: 1 }],
  ['excessive_average_bit_rate', 'plain', { pictureMbitAverage: 1 }],
  ['forbidden_picture_size', 'plain', { pictureSizes: ['2048x858'] }],
  ['forbidden_frame_rate', 'plain', { frameRates: ['25', '48'] }],
  ['forbidden_soundfield', 'plain', { soundfields: ['71'] }],
  ['insufficient_measure', 'plain', { integratedLufs: { least: -30, most: -20 } }],
  ['excessive_measure', 'plain', { truePeakDbtp: { most: -300 } }],
  ['unmeasured_loudness', 'encrypted', { leqM: { most: 85 } }],
  ['missing_encryption', 'plain', { encryption: 'required' }],
  ['unexpected_encryption', 'encrypted', { encryption: 'forbidden' }],
  ['unsigned_document', 'plain', { signature: 'required' }],
  ['missing_marker', 'plain', { markers: ['FFOC', 'FFTC'] }],
  ['insufficient_measure', 'plain', { minutes: { least: 60 } }],
  ['missing_language_track', 'plain', { soundLanguages: ['en', 'fr'] }],
  ['missing_language_track', 'plain', { textLanguages: ['zh'] }],
];

const GENEROUS: HouseLimits = {
  pictureMbitPeak: 300,
  pictureMbitAverage: 250,
  pictureSizes: ['1998x1080', '2048x858'],
  frameRates: ['24', '48'],
  soundfields: ['51', '71'],
  truePeakDbtp: { most: 0 },
  leqM: { most: 85 },
  minutes: { most: 200 },
  naming: 'required',
  markers: ['FFOC', 'LFOC'],
  soundLanguages: ['en-GB'],
};

describe.skipIf(!HAS_FIXTURES)('house profiles', () => {
  it.each(BREACHES)('[DCP104] tell %s of a %s package', async (code, base, limits) => {
    const before = await codes(base, {});
    expect(before).not.toContain(code);
    expect(await codes(base, limits)).toEqual(expect.arrayContaining([...before, code]));
    const ignored = { ...DEFAULT, severities: { [code]: 'ignored' as const }, limits };
    expect(await codes(base, limits, { profile: ignored })).not.toContain(code);
  });

  it('[DCP104] say nothing of what keeps their limits, and are named in the report', async () => {
    const keys = keysOf('encrypted');
    const kept = { ...GENEROUS, encryption: 'required', signature: 'required' } as const;
    expect(await codes('encrypted', kept, { keys })).toEqual(
      await codes('encrypted', {}, { keys }),
    );
    expect((await judge('plain', {})).profile).toBe('House (bv21)');
    const report = await judge('plain', GENEROUS);
    const sound = report.assets.find((each) => each.essence === 'pcm')!.sound!;
    expect(sound.loudness).toMatchObject({ seconds: 1 });
    const unasked = await judge('plain', { minutes: { most: 1 } });
    expect(unasked.assets.every((each) => each.sound?.loudness === undefined)).toBe(true);
  });

  it('[DCP104] make errors of what is told of names', async () => {
    const target = bases.get('plain')!.copy();
    const title = 'Faulty_SHR-1_F_EN-XX_US-G_51_2K_DLB_20261122_DLB_SMPTE_OV';
    for (const [path, bytes] of target.files) {
      if (!path.endsWith('.xml')) continue;
      const text = Buffer.from(bytes).toString('utf8').replaceAll(title, 'Any name at all');
      target.files.set(path, new Uint8Array(Buffer.from(text)));
    }
    const severities = async (limits: HouseLimits) =>
      (
        await verifyPackage(
          memoryFolder(target.files),
          { cryptography },
          { profile: { base: 'bv21', limits } },
        )
      ).findings
        .filter(({ code }) => code === 'unconventional_name')
        .map(({ severity }) => severity);
    expect(await severities({})).toEqual(['note']);
    expect(await severities({ naming: 'required' })).toEqual(['error']);
  });
});

describe.skipIf(!HAS_FIXTURES)('codes of names', () => {
  const title = 'Faulty_SHR-1_F_EN-XX_US-G_51_2K_DLB_20261122_DLB_SMPTE_OV';
  const named = async (name: string, limits: HouseLimits = {}) => {
    const folder = memoryFolder();
    const plan = { ...PLAN, title: name };
    const ports = { cryptography, random: seeded('names') };
    const built = await buildPackage(plan, sourcesOf(), folder, ports);
    if (!built.ok) throw new Error(built.findings[0]!.code);
    const options = { profile: { base: 'bv21', limits } } as const;
    const { findings } = await verifyPackage(folder, { cryptography }, options);
    return findings
      .filter(({ code }) => /^(?:unregistered|obsolete|mismatched)_/.test(code))
      .map(({ code, severity, facts }) => [severity, code, facts['field'], facts['value']]);
  };

  it('[DCP106] are looked up in the registries of languages and territories', async () => {
    expect(await named(title)).toEqual([]);
    expect(await named(title.replace('US-G', 'QQQ'))).toEqual([
      ['warning', 'unregistered_name_code', 'territory', 'QQQ'],
    ]);
    expect(await named(title.replace('EN-XX', 'EN-qx'))).toContainEqual([
      'warning',
      'unregistered_name_code',
      'subtitle_language',
      'qx',
    ]);
    expect(await named(title.replace('EN-XX', 'ENG-XX'))).toEqual([
      ['note', 'obsolete_name_code', 'audio_language', 'ENG'],
    ]);
    // What is spoken is English of the United States, and the code says Cantonese.
    expect(await named(title.replace('EN-XX', 'YUE-XX'))).toEqual([
      ['warning', 'mismatched_name', 'audio_language', 'YUE'],
    ]);
    expect(await named(title.replace('EN-XX', 'EUS-XX'))).toEqual([]);
  });

  it('[DCP106] of houses are looked up where a house asks for names', async () => {
    const own = title.replaceAll('DLB', 'QZQ');
    expect(await named(own)).toEqual([]);
    expect(await named(own, { naming: 'required' })).toEqual([
      ['warning', 'unregistered_house_code', 'studio', 'QZQ'],
      ['warning', 'unregistered_house_code', 'facility', 'QZQ'],
    ]);
  });

  it('[DCP106] mean what they mean in metadata', () => {
    expect(registeredCode('territory', 'UK')).toEqual({ tag: 'GB' });
    expect(registeredCode('language', 'LAS')).toEqual({ tag: 'es-419' });
    expect(registeredCode('studio', 'AMZN')).toEqual({ replacedBy: ['AMGM'] });
    expect(registeredCode('facility', 'QZQ')).toBeUndefined();
  });
});

describe('house profile files', () => {
  it('[DCP105] are YAML or JSON, and keep what they say', () => {
    const text = `
base: bv21
name: House 2026
severities: { early_text: ignored }
limits:
  frameRates: [24, '48']
  soundfields: [51, 71]
  leqM: { most: 85 }
  naming: required
`;
    const read = readHouseProfile(text);
    expect(read.ok && read.value).toEqual({
      base: 'bv21',
      name: 'House 2026',
      severities: { early_text: 'ignored' },
      limits: {
        frameRates: ['24', '48'],
        soundfields: ['51', '71'],
        leqM: { most: 85 },
        naming: 'required',
      },
    });
    const again = readHouseProfile(JSON.stringify(read.ok ? read.value : {}));
    expect(again).toEqual(read);
  });

  it.each([
    ['base: best', 'base'],
    ['limits: { loudness: 3 }', 'limits'],
    ['limits: { markers: [x] }', 'limits.markers.0'],
    ['limits: { leqM: { least: 3, most: 2 } }', 'limits.leqM'],
    ['limits: { soundfields: [] }', 'limits.soundfields'],
    ['severities: { early_text: fatal }', 'severities.early_text'],
    ['[', ''],
    ['', ''],
  ])('[DCP105] are refused by place: %s', (text, path) => {
    const read = readHouseProfile(text);
    expect(read.ok).toBe(false);
    expect(read.findings[0]).toMatchObject({ code: 'invalid_house_profile', facts: { path } });
  });
});
