import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { seededRandomBytes } from '@yinglian/host';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { main } from '../src/index.ts';
import { EXIT } from '../src/kernel/exit-codes.ts';
import { createDecoder } from '@yinglian/jpeg2000';
import { cropOf } from '../src/distribution/dcp-crop.ts';
import { essenceOf } from '../src/distribution/dcp-build.ts';
import type { SourceWork } from '../src/distribution/dcp-sources.ts';
import { givenText } from '../src/distribution/dcp-text.ts';

const FIXTURES = join(dirname(fileURLToPath(import.meta.url)), '../../../../shared/fixtures/dcp');
const folder = mkdtempSync(join(tmpdir(), 'yinglian-package-build-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a build that goes on', () => {
  it('keeps track files where only what the composition says is another', () => {
    const options = { territory: 'CN', versionNumber: '1', date: '2026-11-22T10:00:00+00:00' };
    const other = { territory: 'FR', rating: ['a=b'], date: '2026-11-23T10:00:00+00:00' };
    expect(essenceOf(options)).toEqual(essenceOf(other));
    const text = { subtitle: ['a.srt'] };
    expect(essenceOf({ ...options, ...text })).not.toEqual(essenceOf({ ...other, ...text }));
  });
});

describe.skipIf(!existsSync(FIXTURES))('a house profile in a file', () => {
  it('judges by its limits, and is refused by its place where it is wrong', async () => {
    let out = '';
    vi.spyOn(process.stdout, 'write').mockImplementation((text) => ((out += String(text)), true));
    vi.spyOn(process.stderr, 'write').mockImplementation(() => true);
    const path = join(FIXTURES, 'generated/dcp/smpte-plain');
    const verify = async (profile: string) => {
      out = '';
      writeFileSync(join(folder, 'house.yaml'), profile);
      const code = await main([
        '--json',
        'dcp',
        'verify',
        path,
        '--profile',
        `${folder}/house.yaml`,
      ]);
      return {
        code,
        report: JSON.parse(out) as { findings: { code: string }[]; profile?: string },
      };
    };
    const judged = await verify('name: House\nlimits: { encryption: required }\n');
    expect(judged.code).toBe(EXIT.faulty);
    expect(judged.report.profile).toMatch(/^House \(/);
    expect(judged.report.findings.map(({ code }) => code)).toContain('missing_encryption');
    const wrong = await verify('limits: { encryption: maybe }\n');
    expect(wrong.code).toBe(EXIT.faulty);
    expect(wrong.report.findings.map(({ code }) => code)).toEqual(['invalid_house_profile']);
    vi.restoreAllMocks();
  });
});

const hasFfmpeg = spawnSync('ffmpeg', ['-version']).status === 0;

describe.skipIf(!hasFfmpeg)('a build from pictures', () => {
  const at = (...parts: string[]) => join(folder, ...parts);
  const shown: string[] = [];
  beforeAll(() => {
    for (const colour of ['red', 'blue']) {
      mkdirSync(at(colour));
      const source = `color=${colour}:size=200x108:rate=24:duration=1`;
      const made = ['-v', 'error', '-f', 'lavfi', '-i', source, at(colour, 'p%03d.png')];
      spawnSync('ffmpeg', made);
    }
  });
  beforeEach(() => {
    shown.length = 0;
    vi.spyOn(process.stdout, 'write').mockImplementation(() => true);
    vi.spyOn(process.stderr, 'write').mockImplementation(
      (text) => (shown.push(String(text)), true),
    );
  });
  afterEach(() => vi.restoreAllMocks());
  const build = (target: string, ...more: string[]) =>
    main(['--json', 'dcp', 'build', at(target), '--title', 'T', '--seed', 'x', ...more]);
  const fileIn = (target: string, name: string) =>
    at(
      target,
      readdirSync(at(target)).find((each) => each.startsWith(name))!,
    );

  it('has both eyes of two folders, the left one first', async () => {
    const elements: Buffer[][] = [];
    for (const [left, right] of [
      ['red', 'blue'],
      ['blue', 'red'],
    ] as const) {
      const target = `stereo-${left}`;
      expect(await build(target, '--picture', at(left), '--right-eye', at(right))).toBe(EXIT.done);
      const out = at(`${target}-out`);
      await main(['dcp', 'unwrap', fileIn(target, 'picture'), out]);
      const names = readdirSync(out).sort();
      expect(names.length).toBe(48);
      elements.push(names.map((name) => readFileSync(join(out, name))));
    }
    const [one, other] = elements as [Buffer[], Buffer[]];
    expect(one[0]!.equals(one[1]!)).toBe(false);
    expect(one[0]!.equals(one[2]!)).toBe(true);
    expect([one[0]!.equals(other[1]!), one[1]!.equals(other[0]!)]).toEqual([true, true]);
    const large = ['--picture', at('red'), '--right-eye', at('blue'), '--resolution', '4k'];
    expect(await build('large', ...large)).toBe(EXIT.misused);
  }, 60_000);

  it('[ME48] takes a part of the picture, and refuses one that is not there', async () => {
    const boxed = 'color=white:size=200x84:rate=24:duration=1,pad=200:108:0:12:black';
    mkdirSync(at('boxed'));
    spawnSync('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', boxed, at('boxed', 'p%03d.png')]);
    const scope = ['--picture', at('boxed'), '--container', 'scope'];
    const areaIn = (target: string) =>
      /<\w+:MainPictureActiveArea>.*?Width>(\d+)<.*?Height>(\d+)</s
        .exec(readFileSync(fileIn(target, 'cpl'), 'utf8'))!
        .slice(1);
    const first = async (target: string, ...more: string[]) => {
      expect(await build(target, ...scope, ...more)).toBe(EXIT.done);
      const out = at(`${target}-out`);
      await main(['dcp', 'unwrap', fileIn(target, 'picture'), out, '--count', '1']);
      const bytes = new Uint8Array(readFileSync(join(out, readdirSync(out)[0]!)));
      const { components, width } = (await createDecoder()).decode(bytes);
      return [0, 428].map((row) => components[1]![row * width + 1024]!);
    };
    const white = await first('cropped', '--crop', '200x84+0+12');
    expect(white[0]).toBe(white[1]);
    expect(areaIn('cropped')).toEqual(['2042', '858']);
    const black = await first('whole');
    expect(black).toEqual([0, white[1]]);
    expect(areaIn('whole')).toEqual(['1588', '858']);
    for (const wrong of ['201x84+0+12', '200x108+2+0', '0', 'x']) {
      expect(await build('wrong', ...scope, '--crop', wrong), wrong).toBe(EXIT.misused);
    }
  }, 60_000);

  it('[ME48] takes the largest part of a shape about the centre', () => {
    const square = { rotation: 0, pixelAspect: '1/1' } as const;
    const hd = { width: 1920, height: 1080, ...square };
    expect(cropOf(undefined, hd)).toBeUndefined();
    expect(cropOf('2.39', hd)).toEqual({ width: 1920, height: 802, left: 0, top: 138 });
    expect(cropOf('4:3', hd)).toEqual({ width: 1440, height: 1080, left: 240, top: 0 });
    const turned = { ...hd, rotation: 90 } as const;
    expect(cropOf('1', turned)).toEqual({ width: 1080, height: 1080, left: 0, top: 420 });
    // An anamorphic picture is shown twice as wide as it is stored.
    const scope = { width: 1828, height: 1556, rotation: 0, pixelAspect: '2/1' } as const;
    expect(cropOf('2.35', scope)).toEqual({ width: 1828, height: 1556, left: 0, top: 0 });
    for (const each of [hd, turned, scope]) {
      const { width, height, left, top } = cropOf('1.85', each)!;
      expect([width, height, left, top].every((side) => side % 2 === 0)).toBe(true);
    }
  });

  it('carries texts of every kind, in several languages, and keeps them in a version', async () => {
    writeFileSync(at('a.srt'), '1\n00:00:00,200 --> 00:00:00,900\nHi\n');
    const a = at('a.srt');
    const texts = [
      '--subtitle', a, '--caption', a, `fr=${a}`, '--open-caption', `de=${a}`,
      '--closed-subtitle', `es=${a}`, '--text-language', 'en',
    ]; // prettier-ignore
    expect(await build('texts', '--picture', at('red'), ...texts)).toBe(EXIT.done);
    const cpl = readFileSync(fileIn('texts', 'cpl'), 'utf8');
    expect(cpl.match(/<(?:tt:)?(?:Main|Closed)(?:Sub|Cap)\w+/g)).toEqual([
      '<MainSubtitle',
      '<tt:MainCaption',
      '<tt:ClosedCaption',
      '<tt:ClosedCaption',
      '<tt:ClosedSubtitle',
    ]);
    expect(cpl.match(/(?<=<Language>)\w+/g)).toEqual(['en', 'de', 'en', 'fr', 'es']);
    expect(await build('version', '--picture', at('blue'), '--ov', at('texts'))).toBe(EXIT.done);
    const version = readFileSync(fileIn('version', 'cpl'), 'utf8');
    expect(version.match(/(?<=<Language>)\w+/g)).toEqual(['en', 'de', 'en', 'fr', 'es']);
    const interop = ['--standard', 'interop', '--open-caption', a];
    expect(await build('old', '--picture', at('red'), ...interop)).toBe(EXIT.misused);
    const two = ['--subtitle', `en=${a}`, `fr=${a}`];
    expect(await build('two', '--picture', at('red'), ...two)).toBe(EXIT.misused);
  }, 60_000);
});

describe('text of a whole film', () => {
  it('is read and spoken of once, however many reels it is cut for', async () => {
    const said: string[] = [];
    const path = join(folder, 'film.ttml');
    const cue = (at: number) => `<p region="top" begin="${at}s" end="${at + 1}s">x</p>`;
    const region = '<region xml:id="top" tts:displayAlign="before"/>';
    writeFileSync(
      path,
      '<tt xmlns="http://www.w3.org/ns/ttml" xmlns:tts="http://www.w3.org/ns/ttml#styling" ' +
        `xml:lang="en"><head><layout>${region}</layout></head>` +
        `<body><div>${cue(5)}${cue(15)}</div></body></tt>`,
    );
    const work = {
      terminal: { locale: 'en', say: () => {}, remark: (text: string) => said.push(text) },
      standard: 'smpte',
      random: seededRandomBytes('x'),
      cues: new Map(),
    } as unknown as SourceWork;
    const reel = {
      frames: 240,
      editRate: { numerator: 24, denominator: 1 },
      title: 'T',
      language: 'en',
      issueDate: '2026-11-22T10:00:00+00:00',
      font: undefined,
    };
    expect(await givenText(work, path, { ...reel, number: 1, fromMs: 0 })).toBeDefined();
    const first = said.length;
    expect(first).toBeGreaterThan(0);
    rmSync(path);
    expect(await givenText(work, path, { ...reel, number: 2, fromMs: 10_000 })).toBeDefined();
    expect(said.length).toBe(first);
  });
});
