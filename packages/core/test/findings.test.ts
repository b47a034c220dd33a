import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  accepted,
  AssertionFault,
  assert,
  assertNever,
  type Finding,
  finding,
  FINDING_TEXTS,
  type FindingTexts,
  hasErrors,
  isLocale,
  LOCALES,
  localeFor,
  parseCinemaCode,
  parseEidr,
  parseFilmCode,
  parseInstant,
  parseIsan,
  parseIsoDate,
  parseTimecode,
  parseUuid,
  FRAME_RATES,
  refused,
  joinTexts,
  renderFinding,
  renderPlace,
  renderRemedy,
  renderSeverity,
  SEVERITY_ORDER,
} from '../src/index.ts';

const film = { rate: FRAME_RATES['24'], dropFrame: false };
const drop = { rate: FRAME_RATES['29.97'], dropFrame: true };
/** One input for each code, so that the wording is tried with the facts that really come. */
const EVERY_FINDING: readonly Finding[] = [
  ...parseCinemaCode('x').findings,
  ...parseCinemaCode('43014303').findings,
  ...parseFilmCode('x').findings,
  ...parseFilmCode('001Z00291904').findings,
  ...parseEidr('x').findings,
  ...parseEidr('10.5240/7791-8534-2C23-9030-8610-6').findings,
  ...parseIsan('x').findings,
  ...parseUuid('x').findings,
  ...parseTimecode('x', film).findings,
  ...parseTimecode('00:00:00:24', film).findings,
  ...parseTimecode('00:01:00;00', drop).findings,
  ...parseTimecode('00:00:00;00', film).findings,
  ...parseIsoDate('2026-02-30').findings,
  ...parseInstant('x').findings,
  ...parseInstant('2026-05-01T18:30:00').findings,
];

describe('findings', () => {
  it('[CO29] are frozen and keep what they were given', () => {
    const facts = { expected: 3 };
    const made = finding('mismatched_count', 'error', { facts, at: { row: 2 }, clause: 'S 1' });
    facts.expected = 4;
    expect(made).toEqual({
      code: 'mismatched_count',
      severity: 'error',
      facts: { expected: 3 },
      at: { row: 2 },
      clause: 'S 1',
    });
    expect([made, made.facts, made.at].every(Object.isFrozen)).toBe(true);
    expect(finding('empty_file', 'note')).toEqual({
      code: 'empty_file',
      severity: 'note',
      facts: {},
      at: {},
    });
  });

  it('[CO30] every code in the sources has wording, and no wording is without a code', () => {
    const source = new URL('../src/', import.meta.url);
    const files = readdirSync(source, { recursive: true, encoding: 'utf8' });
    const texts = files
      .filter((file) => file.endsWith('.ts') && !file.endsWith('codes.ts'))
      .map((file) => readFileSync(new URL(file, source), 'utf8'));
    const used = texts.flatMap((text) =>
      [
        ...text.matchAll(/(?:finding|wrong)\(\s*(?:bare \? )?'([a-z_]+)'(?: : '([a-z_]+)')?/g),
      ].flatMap((match) => [match[1]!, match[2] ?? match[1]!]),
    );
    expect([...new Set(used)].sort()).toEqual(Object.keys(FINDING_TEXTS).sort());
  });

  it('[CO30] every wording finds its facts, in both languages', () => {
    expect(new Set(EVERY_FINDING.map((each) => each.code))).toEqual(
      new Set(Object.keys(FINDING_TEXTS)),
    );
    for (const each of EVERY_FINDING) {
      for (const locale of LOCALES) {
        const sentence = renderFinding(each, FINDING_TEXTS, locale);
        expect(sentence, each.code).not.toMatch(/[?{}]|undefined/);
        const remedy = renderRemedy(each, FINDING_TEXTS, locale);
        if (remedy !== undefined) expect(remedy, each.code).not.toMatch(/[?{}]|undefined/);
      }
      const [zh, en] = LOCALES.map((locale) => renderFinding(each, FINDING_TEXTS, locale));
      expect(zh).toMatch(/\p{Script=Han}/u);
      expect(en).not.toMatch(/\p{Script=Han}/u);
    }
  });

  it('[CO48] one code of two catalogues takes the wording that its facts fit', () => {
    const one = { missing_file: { zh: '找不到 {path}', en: 'no {path}' } };
    const two = {
      missing_file: { zh: '缺少文件', en: 'a file is missing' },
      mismatched_hash: { zh: '应为 {expected}', en: '{expected} is right' },
    };
    const three = { mismatched_hash: { zh: '{file} 已损坏', en: '{file} is damaged' } };
    for (const order of [
      [one, two, three],
      [three, two, one],
    ]) {
      const all = joinTexts(...order);
      const say = (facts: Record<string, string>, code: string) =>
        renderFinding(finding(code, 'error', { facts }), all, 'en');
      expect(say({ path: 'a.mov' }, 'missing_file')).toBe('no a.mov');
      expect(say({}, 'missing_file')).toBe('a file is missing');
      expect(say({ expected: 'ff' }, 'mismatched_hash')).toBe('ff is right');
      expect(say({ file: 'a.mxf' }, 'mismatched_hash')).toBe('a.mxf is damaged');
    }
    const equal = { missing_file: { zh: '文件没有了', en: 'the file is gone' } };
    const joined = joinTexts(joinTexts(two, one), equal, two);
    expect(renderFinding(finding('missing_file', 'error'), joined, 'zh-CN')).toBe('缺少文件');
    expect(joined['missing_file']?.others).toHaveLength(2);
  });

  it('[CO31] an unknown code is shown with its facts, also one every object inherits', () => {
    const strange = finding('constructor', 'error', { facts: { size: 3 } });
    expect(renderFinding(strange, FINDING_TEXTS, 'en')).toBe('constructor (size=3)');
    expect(renderFinding(finding('odd_code', 'note'), {}, 'zh-CN')).toBe('odd_code');
    expect(renderRemedy(strange, FINDING_TEXTS, 'en')).toBeUndefined();
  });

  it('[CO31] facts of every kind and parts of the place are shown', () => {
    const catalogue: FindingTexts = {
      seen: { zh: '{list} {yes} {none} {row} {gone}', en: '{list} {yes} {none} {row} {gone}' },
    };
    const facts = { list: ['a', 'b'], yes: true, none: null };
    const seen = finding('seen', 'note', { facts, at: { row: 7 } });
    expect(renderFinding(seen, catalogue, 'en')).toBe('a, b yes none 7 ?');
    expect(renderFinding(seen, catalogue, 'zh-CN')).toBe('a、b 是 无 7 ?');
    expect(renderPlace({ file: 'a.csv', row: 12, odd: 'x' }, 'en')).toBe(
      'file a.csv, row 12, odd x',
    );
    expect(renderPlace({ file: 'a.csv', row: 12 }, 'zh-CN')).toBe('文件 a.csv，行 12');
    expect(renderPlace({}, 'en')).toBe('');
    const words = SEVERITY_ORDER.map((severity) => renderSeverity(severity, 'zh-CN'));
    expect(words).toEqual(['错误', '警告', '提示', '通过']);
  });

  it('[CO31] what a fact contains is never read as a placeholder', () => {
    const catalogue: FindingTexts = { seen: { zh: '{a}', en: '{a}' } };
    const seen = finding('seen', 'note', { facts: { a: '{b} $& $1', b: 'no' } });
    expect(renderFinding(seen, catalogue, 'en')).toBe('{b} $& $1');
  });

  it('[CO32] an outcome is good with a value or refused with findings', () => {
    const note = finding('odd_thing', 'note');
    const wrong = finding('wrong_thing', 'error');
    expect(accepted(1, [note])).toEqual({ ok: true, value: 1, findings: [note] });
    expect(refused(wrong)).toEqual({ ok: false, findings: [wrong] });
    expect(hasErrors([note])).toBe(false);
    expect(hasErrors([note, wrong])).toBe(true);
  });
});

describe('faults and languages', () => {
  it('[CO46] a broken rule throws with its text', () => {
    expect(() => assert(false, 'a part has a length')).toThrow(AssertionFault);
    expect(() => assert(false, 'a part has a length')).toThrow('a part has a length');
    expect(() => assert(0 === 0, 'fine')).not.toThrow();
    expect(() => assertNever('late' as never)).toThrow('late');
  });

  it('[CO47] languages', () => {
    expect(LOCALES.every(isLocale)).toBe(true);
    expect(isLocale('zh')).toBe(false);
    expect(localeFor(['fr', 'en-GB', 'zh'])).toBe('en');
    expect(localeFor(['zh-Hant-TW'])).toBe('zh-CN');
    expect(localeFor(['fr', 'de'])).toBe('zh-CN');
    expect(localeFor([])).toBe('zh-CN');
  });
});
