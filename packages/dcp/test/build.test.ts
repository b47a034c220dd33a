import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { digest, memoryFolder, memorySource, toBase64 } from '@yinglian/core';
import { describe, expect, it } from 'vitest';
import {
  buildPackage,
  type BuildOptions,
  channelLayout,
  compositionName,
  type EssenceSources,
  filmTitleField,
  openTrackFile,
  type PackagePlan,
  parseCompositionName,
  readAssetMap,
  readComposition,
  readFrame,
  readPackingList,
  type Standard,
  verifyPackage,
} from '../src/index.ts';
import { TEXT_ID, textDocument } from './faults.ts';
import { cryptography, fixture, fixtureSigner, HAS_FIXTURES, seeded } from './fixtures.ts';
import { hasProgram, withFolder } from './judges.ts';

const HAS_XMLSEC = hasProgram('xmlsec1', '--version');

const plan: PackagePlan = {
  title: 'BuildOne_SHR-1_F_EN-XX_US-G_51_2K_DLB_20261122_DLB_SMPTE_OV',
  issueDate: '2026-11-22T20:46:31+00:00',
  issuer: 'Yinglian',
  creator: 'Yinglian dcp',
  contentKind: { value: 'short' },
  editRate: { numerator: 24, denominator: 1 },
  reels: [
    { picture: { source: 'picture' }, sound: { source: 'sound', language: 'en-US' } },
    { picture: { source: 'picture' }, sound: { source: 'sound', language: 'en-US' } },
  ],
};

function sources(known: boolean): EssenceSources {
  const frame = fixture('generated/j2k/1998x1080-cinema2k-gb1.j2c');
  const frames = Array.from({ length: 24 }, () => frame);
  const pcm = Uint8Array.from({ length: 48_000 * 6 * 3 }, (_, i) => i % 241);
  return {
    picture: {
      kind: 'codestreams',
      frames: () => frames,
      ...(known ? { frameBytes: frames.map((each) => each.length) } : {}),
    },
    sound: {
      kind: 'pcm',
      samples: () => [pcm],
      samplingRateHz: 48_000,
      channelCount: 6,
      layout: channelLayout('51'),
      ...(known ? { sampleCount: 48_000 } : {}),
    },
  };
}

async function built(
  changes: Partial<PackagePlan> = {},
  known = false,
  folder = memoryFolder(),
  options: BuildOptions = {},
) {
  const outcome = await buildPackage(
    { ...plan, ...changes },
    sources(known),
    folder,
    { cryptography, random: seeded('build'), signer: fixtureSigner('filmnet') },
    options,
  );
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.findings));
  return { folder, value: outcome.value };
}

describe.skipIf(!HAS_FIXTURES)('packages that are built', () => {
  it('[DCP40] hold what their documents say, in both standards, encrypted or not', async () => {
    for (const standard of ['smpte', 'interop'] as Standard[]) {
      for (const encrypted of [false, true]) {
        const { folder, value } = await built({ standard, encrypted });
        const suffix = standard === 'smpte' ? '.xml' : '';
        const map = readAssetMap(folder.files.get(`ASSETMAP${suffix}`)!, 'ASSETMAP');
        if (!map.ok) throw new Error('map');
        expect(map.findings).toEqual([]);
        for (const asset of map.value.assets) {
          expect(folder.files.get(asset.chunks[0]!.path)!.length).toBe(
            asset.chunks[0]!.lengthBytes,
          );
        }
        const pkl = readPackingList(folder.files.get(`pkl_${value.packingList.id}.xml`)!, 'pkl');
        if (!pkl.ok) throw new Error('pkl');
        expect(pkl.findings).toEqual([]);
        for (const asset of pkl.value.model.assets) {
          const path = map.value.assets.find((each) => each.id === asset.id)!.chunks[0]!.path;
          const bytes = folder.files.get(path)!;
          expect([path, asset.sizeBytes, asset.hash]).toEqual([
            path,
            bytes.length,
            toBase64(digest(cryptography, 'sha1', bytes)),
          ]);
        }
        const cpl = readComposition(folder.files.get(`cpl_${value.composition.id}.xml`)!, 'cpl');
        if (!cpl.ok) throw new Error('cpl');
        expect(cpl.findings).toEqual([]);
        expect(value.keys.length).toBe(encrypted ? 4 : 0);
        const picture = cpl.value.model.reels[1]!.assets.find((each) => each.kind === 'picture')!;
        expect(picture.keyId !== undefined).toBe(encrypted);
        const file = await openTrackFile(
          memorySource(folder.files.get(`picture_${picture.id}.mxf`)!),
        );
        if (!file.ok) throw new Error('file');
        const key = value.keys.find((each) => each.keyId === picture.keyId)?.key;
        const frame = await readFrame(file.value, 7, key && { cryptography, key });
        expect(frame.ok && frame.value[0]).toEqual(
          fixture('generated/j2k/1998x1080-cinema2k-gb1.j2c'),
        );
      }
    }
  });

  it('[DCP107] carry captions and subtitles of every kind, several of each', async () => {
    const text = {
      kind: 'timed_text',
      document: textDocument(),
      documentId: TEXT_ID,
      durationFrames: 24,
    } as const;
    const track = (language: string) => ({ source: 'text', language });
    const folder = memoryFolder();
    const reel = {
      ...plan.reels[0]!,
      subtitle: track('en'),
      openCaptions: [track('de')],
      closedCaptions: [track('en'), track('fr')],
      closedSubtitles: [track('es'), track('it')],
    };
    const ports = { cryptography, random: seeded('texts'), signer: fixtureSigner('filmnet') };
    const given = { ...sources(false), text };
    const outcome = await buildPackage({ ...plan, reels: [reel] }, given, folder, ports);
    if (!outcome.ok) throw new Error(outcome.findings[0]!.code);
    const { id } = outcome.value.composition;
    const cpl = readComposition(folder.files.get(`cpl_${id}.xml`)!, 'cpl');
    expect(cpl.findings).toEqual([]);
    const assets = cpl.ok ? cpl.value.model.reels[0]!.assets : [];
    expect(assets.slice(2).map(({ kind, language }) => `${kind} ${language}`)).toEqual([
      'subtitle en',
      'caption de',
      'closed_caption en',
      'closed_caption fr',
      'closed_subtitle es',
      'closed_subtitle it',
    ]);
    const report = await verifyPackage(folder, { cryptography }, {});
    const errors = report.findings.filter(({ severity }) => severity === 'error');
    expect(errors.map(({ code }) => code)).not.toContain('mismatched_asset_kind');
    expect(report.checked.timedTexts).toBe(6);
  });

  it('[DCP41] are the same bytes for the same plan and seed', async () => {
    const first = await built({ encrypted: true });
    const second = await built({ encrypted: true }, true);
    expect([...second.folder.files.keys()].sort()).toEqual([...first.folder.files.keys()].sort());
    for (const [path, bytes] of first.folder.files) {
      expect(Buffer.compare(bytes, second.folder.files.get(path)!), path).toBe(0);
    }
  });

  it('[DCP42] go on where an earlier run stopped', async () => {
    const whole = await built();
    const folder = memoryFolder();
    const sound = whole.value.files.find((file) => file.path.startsWith('sound_'))!;
    folder.files.set(sound.path, whole.folder.files.get(sound.path)!);
    const cut = whole.value.files.filter((file) => file.path.startsWith('picture_'))[1]!;
    folder.files.set(cut.path, whole.folder.files.get(cut.path)!.slice(0, 40_000));
    const resumed = await built({}, false, folder, { resume: true });
    expect(resumed.value.files.filter((file) => file.resumed).map((file) => file.path)).toEqual([
      sound.path,
    ]);
    for (const [path, bytes] of whole.folder.files) {
      expect(Buffer.compare(bytes, folder.files.get(path)!), path).toBe(0);
    }
  });

  it('[DCP43] carry Bv2.1 metadata, markers and sound labels', async () => {
    const { value } = await built();
    const [first, last] = value.composition.reels;
    expect(first!.markers!.markers).toEqual([{ label: 'FFOC', offset: 1 }]);
    expect(last!.markers!.markers).toEqual([{ label: 'LFOC', offset: 23 }]);
    expect(first!.metadata).toMatchObject({
      soundConfiguration: '51/L,R,C,LFE,Ls,Rs',
      storedArea: { width: 1998, height: 1080 },
      extensions: [{ name: 'Application', properties: [{ value: 'SMPTE-RDD-52:2020-Bv2.1' }] }],
    });
    expect(first!.metadata!.soundLabels.length).toBe(7);
    expect(last!.metadata).toBeUndefined();
  });

  it('[DCP44] a version file refers to assets of its original', async () => {
    const original = await built();
    const reel = original.value.composition.reels[0]!;
    const picture = reel.assets.find((each) => each.kind === 'picture')!;
    const { value, folder } = await built({
      title: 'BuildOne_SHR-2_F_FR-XX_FR_51_2K_DLB_20261122_DLB_SMPTE_VF',
      reels: [{ picture: { existing: picture }, sound: { source: 'sound', language: 'fr-FR' } }],
    });
    expect(value.composition.reels[0]!.assets.map((each) => each.id)).toContain(picture.id);
    expect(value.packingList.assets.map((each) => each.id)).not.toContain(picture.id);
    expect([...folder.files.keys()].some((path) => path.startsWith('picture_'))).toBe(false);
  });

  it('[DCP45] plans that cannot be built are refused before anything is written', async () => {
    const folder = memoryFolder();
    const outcome = await buildPackage(
      { ...plan, encrypted: true, reels: [{ picture: { source: 'nowhere' } }, {}] },
      {},
      folder,
      { cryptography, random: seeded('x') },
    );
    expect(outcome.findings.map((each) => each.code)).toEqual([
      'missing_signer',
      'missing_source',
      'empty_reel',
    ]);
    expect(folder.files.size).toBe(0);
  });

  it('[DCP46] sound shorter than its picture is refused', async () => {
    const all = sources(false);
    const outcome = await buildPackage(
      plan,
      {
        ...all,
        sound: { ...all['sound']!, samples: () => [new Uint8Array(2000 * 18 * 20)] } as never,
      },
      memoryFolder(),
      { cryptography, random: seeded('x') },
    );
    expect(outcome.findings[0]).toMatchObject({
      code: 'insufficient_duration',
      facts: { frames: 20, expected: 24 },
      at: { reel: 1 },
    });
  });

  it.skipIf(!HAS_XMLSEC)(
    '[DCP47] xmlsec1 accepts the signatures of CPL and PKL in both standards',
    async () => {
      for (const standard of ['smpte', 'interop'] as Standard[]) {
        const { folder } = await built({ standard });
        await withFolder(async (path) => {
          const root = join(path, 'root.pem');
          writeFileSync(root, fixture('generated/chains/filmnet/ca.self-signed.pem'));
          for (const [name, bytes] of folder.files) {
            if (!/^(cpl|pkl)_/.test(name)) continue;
            const file = join(path, name);
            mkdirSync(dirname(file), { recursive: true });
            writeFileSync(file, bytes);
            // Throws unless the exit status is 0.
            execFileSync('xmlsec1', ['--verify', '--trusted-pem', root, file], { stdio: 'pipe' });
            const tampered = Buffer.from(bytes).toString().replace('BuildOne', 'BuildTwo');
            writeFileSync(file, tampered);
            expect(() =>
              execFileSync('xmlsec1', ['--verify', '--trusted-pem', root, file], { stdio: 'pipe' }),
            ).toThrow();
          }
        });
      }
    },
  );
});

describe('composition names', () => {
  it('[DCP48] a name is made of its fields and taken apart again', () => {
    const { fields, findings } = parseCompositionName(plan.title);
    expect(findings).toEqual([]);
    expect(compositionName(fields!)).toBe(plan.title);
    const three =
      'Film_FTR-2-3D-48_S-239_EN-fr-CCAP_US-PG13_71-HI-VI-ATMOS_4K_ST_20261122_FAC_SMPTE-3D_VF-1';
    const parsed = parseCompositionName(three);
    expect(parsed.findings).toEqual([]);
    expect(compositionName(parsed.fields!)).toBe(three);
  });

  it('[DCP49] fields against the convention are named', () => {
    const name = 'AVeryLongFilmTitle_XXX-1_G_EN_us_99_3K_s_20261399_DLB_DCP_XV';
    expect(parseCompositionName(name).findings.map((each) => each.facts['field'])).toEqual([
      'film_title',
      'content_type',
      'aspect',
      'language',
      'territory',
      'audio',
      'resolution',
      'studio',
      'date',
      'standard',
      'package_type',
    ]);
    expect(parseCompositionName('Just a title').findings[0]!.code).toBe('unconventional_name');
    expect(filmTitleField("Amélie's big day: part two")).toBe('AmeliesBigDayP');
  });
});
