import type { Fact, Finding, Place, Severity } from './findings.ts';
import type { Locale } from './locale.ts';

/** The wording of one code in both languages; `{name}` stands for a fact or a part of the place. */
export type FindingText = {
  readonly zh: string;
  readonly en: string;
  /** What the reader can do about it. */
  readonly remedy?: { readonly zh: string; readonly en: string };
  /** What other catalogues say to the same code; see {@link joinTexts}. */
  readonly others?: readonly FindingText[];
};

/** The wording of every code a package emits. */
export type FindingTexts = Readonly<Record<string, FindingText>>;

const PLACEHOLDER = /\{([A-Za-z0-9_]+)\}/g;

/**
 * Several catalogues as one. Where two of them word the same code, both wordings are kept, those
 * of the later catalogue first: which of them a finding means is told by its facts.
 */
export function joinTexts(...catalogues: readonly FindingTexts[]): FindingTexts {
  const all = new Map<string, FindingText[]>();
  for (const catalogue of catalogues) {
    for (const [code, text] of Object.entries(catalogue)) {
      const { others = [], ...first } = text;
      const known = (all.get(code) ?? []).filter((each) => each.zh !== first.zh);
      all.set(code, [first, ...others, ...known]);
    }
  }
  return Object.fromEntries(
    [...all].map(([code, [first, ...others]]) => [
      code,
      others.length === 0 ? first! : { ...first!, others },
    ]),
  );
}

/**
 * The wording that fits a finding best: one whose every placeholder the finding has, of these
 * the one that tells most, else the first.
 */
export function fittingText<T>(
  candidates: readonly T[],
  patternOf: (candidate: T) => string,
  found: Pick<Finding, 'facts' | 'at'>,
): T | undefined {
  const told = candidates.map((candidate) => {
    const names = [...patternOf(candidate).matchAll(PLACEHOLDER)].map((match) => match[1]!);
    const missing = names.some(
      (name) => !Object.hasOwn(found.facts, name) && !Object.hasOwn(found.at, name),
    );
    return missing ? -1 : new Set(names).size;
  });
  return candidates[told.indexOf(Math.max(...told))];
}

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
  if (!Object.hasOwn(catalogue, found.code)) return undefined;
  const text = catalogue[found.code]!;
  if (text.others === undefined) return text;
  return fittingText([text, ...text.others], (each) => each.zh, found);
}

function filled(pattern: string, found: Finding, locale: Locale): string {
  return pattern.replace(PLACEHOLDER, (_, name: string) => {
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
