import { memoryFolder } from '@yinglian/core';
import { describe, expect, it } from 'vitest';
import {
  buildPackage,
  type VerificationReport,
  verifyPackage,
  type VerifyOptions,
  writeTimedText,
} from '../src/index.ts';
import { build, PLAN, sourcesOf } from './faults.ts';
import { cryptography, HAS_FIXTURES, seeded } from './fixtures.ts';

const judge = (files: Map<string, Uint8Array>, options: VerifyOptions = {}) =>
  verifyPackage(memoryFolder(files), { cryptography }, options);
const told = (report: VerificationReport) =>
  report.findings.map((each) => `${each.severity} ${each.code}`);

describe.skipIf(!HAS_FIXTURES)('versions and texts of Interop', () => {
  it('[DCP54] a version before its original in one folder is judged with it', async () => {
    const ov = await build();
    const { assets } = ov.built.composition.reels[0]!;
    const picture = assets.find(({ kind }) => kind === 'picture')!;
    const title = PLAN.title.replace(/_OV$/, '_VF');
    const reels = [{ picture: { existing: picture }, sound: { source: 'sound' } }];
    const vf = await build({ title, reels });
    const both = new Map([
      ...[...vf.files].map(([path, bytes]) => [`a_VF/${path}`, bytes] as const),
      ...[...ov.files].map(([path, bytes]) => [`b_OV/${path}`, bytes] as const),
    ]);
    const report = await judge(both);
    expect(told(report)).not.toContain('warning external_asset');
    const named = report.compositions.find(({ path }) => path.startsWith('a_VF/'));
    expect(named?.externalAssets).toEqual([picture.id]);
  });

  it('[DCP54] Interop texts of an original are known', async () => {
    const full = { ...PLAN.reels[0], subtitle: { source: 'text' } };
    const ov = await build({ standard: 'interop', reels: [full] });
    const { assets } = ov.built.composition.reels[0]!;
    const [subtitle, picture] = ['subtitle', 'picture'].map((kind) =>
      assets.find((each) => each.kind === kind)!,
    );
    const kept = { picture: { existing: picture! }, subtitle: { existing: subtitle! } };
    const reels = [{ ...kept, sound: { source: 'sound' } }];
    const vf = await build({ standard: 'interop', reels });
    const alone = await judge(vf.files);
    expect(told(alone)).toContain('warning external_asset');
    const report = await judge(vf.files, { ovFolders: [memoryFolder(ov.files)] });
    expect(told(report)).not.toContain('warning external_asset');
  });

  it('[DCP93] a font that players of Interop would drop is told', async () => {
    const id = '33333333-3333-4333-8333-333333333333';
    const font = { id: '44444444-4444-4444-8444-444444444444', fileName: 'font.ttf' };
    const plan = {
      standard: 'interop' as const,
      id,
      title: 'Faulty',
      language: 'en',
      issueDate: PLAN.issueDate,
      reelNumber: 1,
      editRate: PLAN.editRate,
      font,
    };
    const cue = { startMs: 100, endMs: 900, lines: [[{ text: 'Hi', italic: false }]] };
    const document = writeTimedText([cue], plan, { fromMs: 0, untilMs: 1000 });
    const codes = async (bytes: number) => {
      const mediaType = 'application/x-font-opentype';
      const resource = { ...font, mediaType, bytes: new Uint8Array(bytes) };
      const resources = [resource];
      const text = { kind: 'timed_text' as const, document, documentId: id, durationFrames: 24 };
      const folder = memoryFolder();
      const reel = { picture: { source: 'picture' }, subtitle: { source: 'text' } };
      const outcome = await buildPackage(
        { ...PLAN, standard: 'interop', reels: [reel] },
        { ...sourcesOf(), text: { ...text, resources } },
        folder,
        { cryptography, random: seeded('font') },
      );
      if (!outcome.ok) throw new Error(JSON.stringify(outcome.findings));
      return told(await judge(folder.files)).filter((each) => each.includes('font'));
    };
    expect(await codes(640 * 1024)).toEqual([]);
    expect(await codes(640 * 1024 + 1)).toEqual(['warning large_interop_font']);
  });
});
