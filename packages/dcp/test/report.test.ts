import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeUtf8, memoryFolder, type Uuid } from '@yinglian/core';
import { describe, expect, it } from 'vitest';
import {
  comparePackages,
  documentPdf,
  neededKeys,
  pngOf,
  readComposition,
  reportHtml,
  reportPdf,
  reportPictures,
  rewrapPackage,
  type RewrapPackageOptions,
  verifyPackage,
} from '../src/index.ts';
import { cryptography, fixtureFolder, fixtureSigner, HAS_FIXTURES, seeded } from './fixtures.ts';
import { hasProgram, run, withFolder } from './judges.ts';

const HEAD = { issueDate: '2026-11-23T02:00:00+00:00', issuer: 'i', creator: 'c' };

async function rewrapped(
  files: Map<string, Uint8Array>,
  options: Pick<RewrapPackageOptions, 'to' | 'keys'>,
  signed = true,
) {
  const folder = memoryFolder();
  const ports = { cryptography, random: seeded('rewrap') };
  const outcome = await rewrapPackage(
    memoryFolder(files),
    folder,
    signed ? { ...ports, signer: fixtureSigner('filmnet') } : ports,
    { ...HEAD, ...options },
  );
  return { folder, outcome };
}

const codesOf = (findings: readonly { code: string; severity: string }[], severity: string) =>
  findings.filter((each) => each.severity === severity).map((each) => each.code);

describe.skipIf(!HAS_FIXTURES)('whole packages', () => {
  it.each(['smpte-plain', 'interop-plain'])(
    '[DCP81] %s encrypted is clean with its keys, and plays the same after decrypting',
    async (name) => {
      const files = fixtureFolder(`generated/dcp/${name}`);
      const { folder, outcome } = await rewrapped(files, { to: 'encrypted' });
      if (!outcome.ok) throw new Error(JSON.stringify(outcome.findings));
      const keys = new Map<Uuid, Uint8Array>(
        outcome.value.keys.map(({ keyId, key }) => [keyId, key]),
      );
      expect(keys.size).toBe(2);
      const report = await verifyPackage(folder, { cryptography }, { keys });
      expect(codesOf(report.findings, 'error')).toEqual([]);
      expect(report.checked.integrityCodes).toBeGreaterThan(40);
      const needed = report.compositions.flatMap(({ composition }) => neededKeys(composition));
      expect(new Set(needed.map(({ keyId }) => keyId))).toEqual(new Set(keys.keys()));
      const same = await comparePackages(memoryFolder(files), folder, { cryptography, keys });
      expect(same).toEqual([]);
      const plain = await rewrapped(folder.files, { to: 'plain', keys });
      expect(plain.outcome.ok && plain.outcome.value.keys).toEqual([]);
      const again = await verifyPackage(plain.folder, { cryptography });
      expect(codesOf(again.findings, 'error')).toEqual([]);
      expect(again.compositions[0]!.encrypted).toBe(false);
      expect(await comparePackages(memoryFolder(files), plain.folder, { cryptography })).toEqual(
        [],
      );
    },
  );

  it('[DCP82] changed assets have new ids, foreign ones keep theirs', async () => {
    const files = fixtureFolder('generated/dcp/smpte-plain');
    const { outcome } = await rewrapped(files, { to: 'encrypted' });
    const name = [...files.keys()].find((path) => /cpl/i.test(path))!;
    const before = readComposition(files.get(name)!, name);
    if (!outcome.ok || !before.ok) throw new Error('refused');
    const [old, now] = [before.value.model, outcome.value.compositions[0]!];
    expect(now.id).not.toBe(old.id);
    const ids = (composition: typeof old) =>
      composition.reels.flatMap((reel) => reel.assets.map(({ id }) => id));
    expect(ids(now).some((id) => ids(old).includes(id))).toBe(false);
    expect({ ...now.reels[0]!.markers, id: 0 }).toEqual({ ...old.reels[0]!.markers, id: 0 });
  });

  it('[DCP83] no signer, no key, no map: refused by name', async () => {
    const files = fixtureFolder('generated/dcp/smpte-plain');
    const closed = fixtureFolder('generated/dcp/smpte-encrypted');
    const codes = async (...given: Parameters<typeof rewrapped>) =>
      (await rewrapped(...given)).outcome.findings.map((each) => each.code);
    expect(await codes(files, { to: 'encrypted' }, false)).toEqual(['missing_signer']);
    expect(await codes(closed, { to: 'plain' })).toEqual(['missing_key']);
    expect(await codes(new Map(), { to: 'plain' })).toEqual(['missing_asset_map']);
    const wrong = new Map([['42589da1-82c9-4de4-ab24-f24f2f76fada', new Uint8Array(16)]]);
    expect(await codes(closed, { to: 'plain', keys: wrong })).toEqual(['mismatched_key']);
  });
});

const EVIL = '<script>alert(1)</script>"\'&';

async function judged() {
  const files = fixtureFolder('generated/dcp/smpte-plain');
  const folder = memoryFolder(files);
  const report = await verifyPackage(folder, { cryptography });
  const [composition] = report.compositions;
  const evil = {
    ...report,
    compositions: [{ ...composition!, composition: { ...composition!.composition, title: EVIL } }],
  };
  const pictures = await reportPictures(folder, report, { cryptography, each: 1 });
  return { report: evil, extras: { madeAt: '2026-11-23', subject: `片名 ${EVIL}`, pictures } };
}

describe.skipIf(!HAS_FIXTURES)('reports', () => {
  it('[DCP89] the page speaks both languages, shows pictures, and cannot run', async () => {
    const { report, extras } = await judged();
    expect(extras.pictures.length).toBe(1);
    const html = decodeUtf8(reportHtml(report, extras))!;
    expect(html).toContain('发行包校验报告');
    expect(html).toContain('Package report');
    expect(html).not.toContain('<script');
    expect(html).toContain('&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;');
    expect(html.match(/<img src="data:image\/png;base64,/g)?.length).toBe(2);
    expect(html).not.toMatch(/(?:src|href)="(?!data:)/);
    expect(html).toContain("default-src 'none'");
  });

  it('[DCP89] the pictures are PNG that others read, of the right size', async () => {
    const { extras } = await judged();
    const [picture] = extras.pictures;
    if (!hasProgram('ffmpeg')) return;
    await withFolder(async (folder) => {
      const path = join(folder, 'a.png');
      writeFileSync(path, pngOf(picture!));
      const raw = run(
        'ffmpeg',
        '-v',
        'error',
        '-i',
        path,
        '-f',
        'rawvideo',
        '-pix_fmt',
        'rgb24',
        '-',
      );
      expect(raw.equals(picture!.rgb)).toBe(true);
    });
  });

  it('[DCP90] pdftotext and the eye find the same words in the PDF', async () => {
    const { report, extras } = await judged();
    if (!hasProgram('pdftotext', '-v')) return;
    await withFolder(async (folder) => {
      const path = join(folder, 'a.pdf');
      for (const locale of ['en', 'zh-CN'] as const) {
        writeFileSync(path, reportPdf(report, extras, locale));
        const text = run('pdftotext', '-layout', path, '-').toString('utf8');
        expect(text).toContain(EVIL);
        expect(text).toContain('SHA-1');
        // Without poppler's tables for Chinese the words cannot be told.
        if (!text.includes('片名')) console.log('skipped: poppler-data is not installed');
        else expect(text).toContain(locale === 'en' ? 'Fit to deliver' : '可以交付');
      }
    });
  });

  it('[DCP90] a table lies across, its head on every page, figures to the right', async () => {
    const rows = Array.from({ length: 60 }, (_, index) => [
      String(index + 1),
      `长沙某某国际影城（${'很长的名字'.repeat(4)}）`,
      '2026-03-15',
      `${index},234,567.89`,
    ]);
    const columns = [
      { heading: '序号', figure: true },
      { heading: '影院名称', words: true },
      { heading: '开始日期' },
      { heading: '票房', figure: true },
    ];
    const table = { columns, rows, totals: ['合计', '', '', '1,770,000.00'] };
    const pdf = documentPdf(
      '结算单',
      [
        {
          beside: [
            ['收款方', '甲'],
            ['期间', '三月'],
          ],
        },
        { table },
      ],
      {
        across: true,
        foot: (page, pages) => `S-1 · ${page} / ${pages}`,
      },
    );
    const raw = decodeUtf8(pdf) ?? new TextDecoder('latin1').decode(pdf);
    expect(raw).toContain('/MediaBox [0 0 842 595]');
    const pages = Number(/\/Count (\d+)/.exec(raw)![1]);
    expect(pages).toBeGreaterThan(1);
    if (!hasProgram('pdftotext', '-v')) return;
    await withFolder(async (folder) => {
      const path = join(folder, 'a.pdf');
      writeFileSync(path, pdf);
      const text = run('pdftotext', '-layout', path, '-').toString('utf8');
      expect(text).toContain(`S-1 · ${pages} / ${pages}`);
      for (const [number, , day, figure] of rows)
        expect(text).toMatch(new RegExp(`${number}\\s.*${day}\\s+${figure}`));
      if (text.includes('序号')) expect(text.match(/影院名称/g)).toHaveLength(pages);
    });
  });
});
