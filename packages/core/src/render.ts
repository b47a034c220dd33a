import type { Fact, Finding, Place, Severity } from './findings.ts';
import type { Locale } from './locale.ts';

/** The wording of one code in both languages; `{name}` stands for a fact or a part of the place. */
export type FindingText = {
  readonly zh: string;
  readonly en: string;
  /** What the reader can do about it. */
  readonly remedy?: { readonly zh: string; readonly en: string };
};

/** The wording of every code a package emits. */
export type FindingTexts = Readonly<Record<string, FindingText>>;

/**
 * A finding as a sentence. A code without wording is shown as itself with its facts, so that
 * nothing is ever swallowed; a placeholder without a value is shown as `?`.
 */
export function renderFinding(found: Finding, catalogue: FindingTexts, locale: Locale): string {
  const text = textOf(found, catalogue);
  if (text === undefined) return bare(found);
  return filled(locale === 'zh-CN' ? text.zh : text.en, found, locale);
}

/** What can be done about a finding, where its catalogue says so. */
export function renderRemedy(
  found: Finding,
  catalogue: FindingTexts,
  locale: Locale,
): string | undefined {
  const remedy = textOf(found, catalogue)?.remedy;
  if (remedy === undefined) return undefined;
  return filled(locale === 'zh-CN' ? remedy.zh : remedy.en, found, locale);
}

const SEVERITIES: Readonly<Record<Severity, { zh: string; en: string }>> = Object.freeze({
  error: { zh: '错误', en: 'error' },
  warning: { zh: '警告', en: 'warning' },
  note: { zh: '提示', en: 'note' },
  success: { zh: '通过', en: 'passed' },
});

/** The word for a severity. */
export function renderSeverity(severity: Severity, locale: Locale): string {
  return locale === 'zh-CN' ? SEVERITIES[severity].zh : SEVERITIES[severity].en;
}

const PLACES: Readonly<Record<string, { zh: string; en: string }>> = Object.freeze({
  asset: { zh: '资产', en: 'asset' },
  byte: { zh: '字节', en: 'byte' },
  certificate: { zh: '证书', en: 'certificate' },
  column: { zh: '列', en: 'column' },
  event: { zh: '事件', en: 'event' },
  file: { zh: '文件', en: 'file' },
  frame: { zh: '帧', en: 'frame' },
  line: { zh: '行', en: 'line' },
  offset: { zh: '偏移', en: 'offset' },
  path: { zh: '路径', en: 'path' },
  reel: { zh: '卷', en: 'reel' },
  row: { zh: '行', en: 'row' },
  sheet: { zh: '工作表', en: 'sheet' },
});

/** Where a finding stands, coarse to fine as it was given: `file a.csv, row 12`; '' if nowhere. */
export function renderPlace(at: Place, locale: Locale): string {
  const named = Object.entries(at).map(([part, value]) => {
    const words = PLACES[part];
    const word = words === undefined ? part : locale === 'zh-CN' ? words.zh : words.en;
    return `${word} ${value}`;
  });
  return named.join(locale === 'zh-CN' ? '，' : ', ');
}

function textOf(found: Finding, catalogue: FindingTexts): FindingText | undefined {
  // A code is somebody's text: `constructor` must not find what every object inherits.
  return Object.hasOwn(catalogue, found.code) ? catalogue[found.code] : undefined;
}

function filled(pattern: string, found: Finding, locale: Locale): string {
  return pattern.replace(/\{([A-Za-z0-9_]+)\}/g, (_, name: string) => {
    const fact = own(found.facts, name);
    const value = fact === undefined ? own(found.at, name) : fact;
    return value === undefined ? '?' : shown(value, locale);
  });
}

function own(values: { readonly [name: string]: Fact }, name: string): Fact | undefined {
  return Object.hasOwn(values, name) ? values[name] : undefined;
}

function shown(value: Fact, locale: Locale): string {
  if (typeof value === 'boolean') {
    if (locale === 'zh-CN') return value ? '是' : '否';
    return value ? 'yes' : 'no';
  }
  if (value === null) return locale === 'zh-CN' ? '无' : 'none';
  if (typeof value === 'object') return value.join(locale === 'zh-CN' ? '、' : ', ');
  return String(value);
}

function bare(found: Finding): string {
  const facts = Object.entries(found.facts).map(([name, value]) => `${name}=${String(value)}`);
  return facts.length === 0 ? found.code : `${found.code} (${facts.join(', ')})`;
}
