import { digest, fromHex, memoryFolder, memorySink, memorySource, toHex } from '@yinglian/core';
import { describe, expect, it } from 'vitest';
import {
  comparePackages,
  layoutOfSound,
  openTrackFile,
  readResources,
  rewrapTrackFile,
  type TrackFile,
  unwrapTrackFile,
  writeSoundTrackFile,
} from '../src/index.ts';
import { build, type Target } from './faults.ts';
import { cryptography, fixture, HAS_FIXTURES, seeded } from './fixtures.ts';

const KEY = fromHex('00112233445566778899aabbccddeeff');
const IDENTITY = {
  assetId: '0f0f0f0f-0000-4000-8000-000000000001',
  created: '2026-11-22T20:46:31Z',
  company: 'Yinglian',
  product: 'dcp',
  version: '0.1.0',
} as const;

async function open(bytes: Uint8Array): Promise<TrackFile> {
  const outcome = await openTrackFile(memorySource(bytes));
  if (!outcome.ok) throw new Error(outcome.findings[0]!.code);
  return outcome.value;
}

async function rewrapped(
  bytes: Uint8Array,
  options: Partial<Parameters<typeof rewrapTrackFile>[3]>,
): Promise<Uint8Array> {
  let result: Uint8Array = new Uint8Array(0);
  const sink = memorySink((whole) => {
    result = whole;
  });
  const outcome = await rewrapTrackFile(
    await open(bytes),
    sink,
    { cryptography, random: seeded('re') },
    {
      identity: { ...IDENTITY, labels: 'smpte' },
      ...options,
    },
  );
  if (!outcome.ok) throw new Error(outcome.findings[0]!.code);
  await sink.close();
  return result;
}

async function unwrapped(bytes: Uint8Array, key?: Uint8Array): Promise<Record<string, string>> {
  const folder = memoryFolder();
  const outcome = await unwrapTrackFile(
    await open(bytes),
    { kind: 'frames', create: (name) => folder.create(name) },
    { cryptography, ...(key === undefined ? {} : { key }) },
  );
  if (!outcome.ok) throw new Error(outcome.findings[0]!.code);
  return hashes(folder.files);
}

/** Deep equality of large arrays by a test runner takes minutes. */
const hashes = (files: ReadonlyMap<string, Uint8Array>): Record<string, string> =>
  Object.fromEntries(
    [...files].map(([path, bytes]) => [path, toHex(digest(cryptography, 'sha1', bytes))]),
  );

const keysOf = (...targets: Target[]) =>
  new Map(
    targets.flatMap((target) => target.built.keys.map((each) => [each.keyId, each.key] as const)),
  );

describe.skipIf(!HAS_FIXTURES)('unwrapping and rewrapping', () => {
  it('[DCP62] essence comes out as it went in, whatever was done in between', async () => {
    for (const name of ['picture', 'sound']) {
      const original = fixture(`generated/dcp/smpte-plain/${name}.mxf`);
      const plain = await unwrapped(original);
      expect(Object.keys(plain).length).toBe(24);
      const secret = await rewrapped(original, {
        encryption: { key: KEY, keyId: IDENTITY.assetId },
      });
      expect(await unwrapped(secret, KEY)).toEqual(plain);
      await expect(unwrapped(secret)).rejects.toThrow('missing_key');
      const interop = await rewrapped(secret, {
        key: KEY,
        identity: { ...IDENTITY, labels: 'interop' },
      });
      const file = await open(interop);
      expect(file.info).toMatchObject({
        labels: 'interop',
        encryption: undefined,
        assetId: IDENTITY.assetId,
      });
      expect(await unwrapped(interop)).toEqual(plain);
    }
    const encrypted = fixture('generated/dcp/smpte-encrypted/sound.mxf');
    expect(await unwrapped(await rewrapped(encrypted, { key: KEY }))).toEqual(
      await unwrapped(encrypted, KEY),
    );
  });

  it('[DCP63] timed text keeps its fonts and pictures through encryption', async () => {
    const original = fixture('libdcp/data/subs.mxf');
    const secret = await rewrapped(original, { encryption: { key: KEY, keyId: IDENTITY.assetId } });
    const back = await rewrapped(secret, { key: KEY });
    expect(await unwrapped(back)).toEqual(await unwrapped(original));
    const reading = { cryptography, key: KEY };
    const opened = await readResources(await open(secret), reading);
    const plain = await readResources(await open(original), { cryptography });
    expect(opened.ok && opened.value.length).toBeGreaterThan(0);
    expect(opened).toEqual(plain);
    const closed = await readResources(await open(secret), { cryptography });
    expect(closed.findings.map((each) => each.code)).toEqual(['missing_key']);
    expect((await open(back)).info.timedText).toEqual((await open(original)).info.timedText);
  });

  it('[DCP64] channel labels survive', async () => {
    const original = fixture('generated/dcp/smpte-plain/sound.mxf');
    const labels = async (bytes: Uint8Array) => {
      const { soundfields, channels } = (await open(bytes)).info.sound!;
      return [...soundfields, ...channels].map(({ symbol, channel, language }) => ({
        symbol,
        channel,
        language,
      }));
    };
    expect(await labels(await rewrapped(original, {}))).toEqual(await labels(original));
  });
});

describe('labels of sound', () => {
  it('[DCP64] one that is unknown leaves the others', () => {
    const label = (symbol: string, channel?: number) => ({
      symbol,
      channel,
      name: undefined,
      language: undefined,
      dictionaryId: undefined,
      instanceId: undefined,
      linkId: undefined,
      groupLinkId: undefined,
    });
    const sound = {
      channelCount: 4,
      bits: 24,
      samplingRate: { numerator: 48_000, denominator: 1 },
      soundfields: [label('sg71')],
      channels: [label('chL', 1), label('chHouse', 2), label('chLrs', 3), label('chC', 9)],
    } as unknown as Parameters<typeof layoutOfSound>[0];
    const { layout, findings } = layoutOfSound(sound);
    expect(layout).toEqual({ soundfield: '71', slots: ['L', undefined, 'Lrs', undefined] });
    expect(findings.map((each) => [each.code, each.facts['symbol']])).toEqual([
      ['unknown_channel_label', 'chHouse'],
      ['unknown_channel_label', 'chC'],
    ]);
    const other = layoutOfSound({ ...sound, soundfields: [label('sgHouse') as never] });
    expect(other).toMatchObject({ layout: undefined, findings: [{ severity: 'warning' }] });
  });
});

describe('sound in two languages', () => {
  it('[DCP102] each channel keeps its own when it is wrapped again', async () => {
    let bytes: Uint8Array = new Uint8Array(0);
    const sink = memorySink((whole) => {
      bytes = whole;
    });
    const slots = ['L', 'R', 'C', 'LFE', 'Ls', 'Rs', 'HI', 'VIN'] as const;
    const languages = slots.map((name) => (name === 'VIN' ? 'fr' : 'en'));
    await writeSoundTrackFile(
      sink,
      { cryptography, random: seeded('two') },
      {
        identity: { ...IDENTITY, labels: 'smpte' },
        editRate: { numerator: 24, denominator: 1 },
        samples: [new Uint8Array(2000 * 3 * slots.length)],
        samplingRateHz: 48_000,
        channelCount: slots.length,
        layout: { soundfield: '51', slots, languages },
        language: 'en',
      },
    );
    await sink.close();
    const again = await open(await rewrapped(bytes, {}));
    const spoken = again.info.sound!.channels.map(({ language }) => language);
    expect(spoken).toEqual(languages);
    expect(again.info.sound!.soundfields[0]?.language).toBe('en');
  });
});

describe.skipIf(!HAS_FIXTURES)('comparing', () => {
  it('[DCP65] packages that play the same are the same, encrypted or not', async () => {
    const [plain, secret] = [await build(), await build({ encrypted: true }, {}, true)];
    const options = { cryptography, keys: keysOf(secret) };
    expect(
      await comparePackages(memoryFolder(plain.files), memoryFolder(secret.files), options),
    ).toEqual([]);
  });

  it('[DCP66] what differs is told with its place', async () => {
    const [one, other] = [
      await build(),
      await build(
        {},
        {
          frame: (f) => {
            f[f.length - 9]! ^= 1;
            return f;
          },
        },
      ),
    ];
    const findings = await comparePackages(memoryFolder(one.files), memoryFolder(other.files), {
      cryptography,
    });
    expect(findings.map((each) => [each.code, each.facts['item'], each.at])).toEqual([
      ['mismatched_content', 'frame', { reel: 1, kind: 'picture', frame: 0 }],
      ['mismatched_content', 'frame', { reel: 2, kind: 'picture', frame: 0 }],
    ]);
    const empty = await comparePackages(memoryFolder(), memoryFolder(one.files), { cryptography });
    expect(empty.map((each) => [each.code, each.at])).toEqual([
      ['missing_asset_map', { side: 'a' }],
    ]);
    const short = one.copy();
    short.cpl((text) => text.replace('FFOC', 'FFTC'));
    const markers = await comparePackages(memoryFolder(one.files), memoryFolder(short.files), {
      cryptography,
    });
    expect(markers.map((each) => each.facts['item'])).toEqual(['markers']);
  });
});
