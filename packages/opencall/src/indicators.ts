import {
  addRatio,
  compareRatio,
  type Finding,
  finding,
  parseRatio,
  type Ratio,
  subtractRatio,
} from '@yinglian/core';
import { z } from 'zod';

/** How a measured value is held against the threshold. */
export const INDICATOR_OPERATORS = [
  'at_least',
  'at_most',
  'above',
  'below',
  'equal',
  'between',
] as const;
/** One of {@link INDICATOR_OPERATORS}. */
export type IndicatorOperator = (typeof INDICATOR_OPERATORS)[number];

const line = z.string().trim().max(300);
/** A decimal or a fraction as written; never a float. */
const decimal = z.string().trim().max(60);

/** An indicator of a task: what is measured, in what, how, and what it must come to. */
export const indicatorShape = z.object({
  code: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,30}$/),
  /** The quantity: 解码延迟, frames per second … */
  name: line,
  /** The unit as the measurement has it; `1` for a pure number. */
  unit: line,
  operator: z.enum(INDICATOR_OPERATORS),
  threshold: decimal,
  /** With `between`: the other end. */
  upper: decimal.nullable(),
  /** How it is measured: standard, instrument, load, how often. */
  method: z.string().trim().max(2_000),
});
/** An indicator as it is published. */
export type Indicator = z.infer<typeof indicatorShape>;

/** Characters of a method that can hardly say how something is measured. */
export const METHOD_CHARACTERS_MIN = 6;

/**
 * Words that claim without measuring. An indicator that leans on them cannot be tested, whatever
 * number stands beside it.
 */
export const VAGUE_WORDS: readonly string[] = Object.freeze(
  (
    '国际领先 国内领先 国际先进 国内先进 世界一流 业界领先 行业领先 填补空白 ' +
    '大幅 显著 明显 较好 较高 良好 优秀 尽可能 尽量 力争 左右 约'
  )
    .split(' ')
    .concat(['state of the art', 'world-class', 'significantly', 'substantially', 'good quality'])
    .concat(['as far as possible', 'as much as possible', 'user-friendly', 'approximately']),
);

/** Methods that name no measurement at all. */
const NO_METHODS = new Set(
  ['专家评审', '专家评议', '专家打分', '按要求', '待定', '另行约定', '自测', '无', '见附件'].concat(
    ['expert review', 'to be determined', 'tbd', 'n/a', 'none', 'self-test'],
  ),
);

/** Whether an indicator can be tested; each finding says what is missing (reference 5.2). */
export function checkIndicator(indicator: Indicator, path = '$'): Finding[] {
  const { code, name, unit, method, operator } = indicator;
  const at = { path };
  const found: Finding[] = [];
  const add = (what: string, facts: Record<string, string> = {}) =>
    void found.push(finding(what, 'error', { facts: { indicator: code, ...facts }, at }));
  if (name === '') add('missing_indicator_quantity');
  if (unit === '') add('missing_indicator_unit');
  const low = parseRatio(indicator.threshold);
  if (low === undefined) add('untestable_threshold', { text: indicator.threshold });
  if (operator === 'between') {
    const high = indicator.upper === null ? undefined : parseRatio(indicator.upper);
    if (high === undefined) add('untestable_threshold', { text: indicator.upper ?? '' });
    else if (low !== undefined && compareRatio(low, high) >= 0) add('reversed_thresholds');
  }
  const plain = method.toLowerCase().replace(/[\s。.；;]+$/, '');
  if (plain === '') add('missing_test_method');
  else if (NO_METHODS.has(plain) || [...plain].length < METHOD_CHARACTERS_MIN) {
    add('untestable_method', { method: method.slice(0, 60) });
  }
  for (const word of vagueWords(`${name}\n${method}`)) add('vague_indicator', { word });
  return found;
}

/**
 * Words that blur a number and say something else elsewhere: 左右声道 are two channels, and 约 is
 * in 节约 and 合约.
 */
const BESIDE_NUMBERS: Readonly<Record<string, RegExp>> = {
  左右: /\d\s*\S{0,6}左右/,
  约: /约\s*\d/,
};

/** The words of {@link VAGUE_WORDS} in a text. */
export function vagueWords(text: string): string[] {
  const lower = text.toLowerCase();
  return VAGUE_WORDS.filter((word) => {
    const beside = BESIDE_NUMBERS[word];
    if (beside !== undefined) return beside.test(lower);
    return /^[a-z]/.test(word) ? new RegExp(`\\b${word}\\b`).test(lower) : lower.includes(word);
  });
}

/** All indicators of one task: each testable, codes apart, no two that exclude each other. */
export function checkIndicators(indicators: readonly Indicator[], path = '$'): Finding[] {
  const found = indicators.flatMap((each, index) => checkIndicator(each, `${path}[${index}]`));
  if (indicators.length === 0) found.push(finding('missing_indicators', 'error', { at: { path } }));
  const seen = new Set<string>();
  for (const { code } of indicators) {
    if (seen.has(code)) {
      found.push(finding('duplicate_indicator', 'error', { facts: { indicator: code } }));
    }
    seen.add(code);
  }
  for (const [index, one] of indicators.entries()) {
    for (const other of indicators.slice(index + 1)) {
      if (one.name !== other.name || one.unit !== other.unit || !excludes(one, other)) continue;
      const facts = { indicator: one.code, other: other.code };
      found.push(finding('contradictory_indicators', 'error', { facts, at: { path } }));
    }
  }
  return found;
}

/** The closed interval that an indicator allows; an open end is undefined. */
function allowed(indicator: Indicator): { low?: Ratio; high?: Ratio; open: boolean } | undefined {
  const threshold = parseRatio(indicator.threshold);
  if (threshold === undefined) return undefined;
  switch (indicator.operator) {
    case 'at_least':
      return { low: threshold, open: false };
    case 'above':
      return { low: threshold, open: true };
    case 'at_most':
      return { high: threshold, open: false };
    case 'below':
      return { high: threshold, open: true };
    case 'equal':
      return { low: threshold, high: threshold, open: false };
    case 'between': {
      const upper = parseRatio(indicator.upper ?? '');
      return upper === undefined ? undefined : { low: threshold, high: upper, open: false };
    }
  }
}

function excludes(one: Indicator, other: Indicator): boolean {
  const [a, b] = [allowed(one), allowed(other)];
  if (a === undefined || b === undefined) return false;
  const apart = (low: Ratio | undefined, high: Ratio | undefined) => {
    if (low === undefined || high === undefined) return false;
    const order = compareRatio(low, high);
    return order > 0 || (order === 0 && (a.open || b.open));
  };
  return apart(a.low, b.high) || apart(b.low, a.high);
}

/** A value as a laboratory reports it. */
export const measurementShape = z.object({
  indicator: z.string().max(40),
  value: decimal,
  unit: line,
  /** Half of the interval that the laboratory states, k = 2; null where it states none. */
  uncertainty: decimal.nullable(),
  method: z.string().trim().max(2_000),
  laboratory: line,
  /** SHA-256 of the report. */
  evidence: z.string().regex(/^[0-9a-f]{64}$/),
});
/** One measured value with where it comes from. */
export type Measurement = z.infer<typeof measurementShape>;

/**
 * How uncertainty is held against a threshold. `simple`: the value itself decides, as calls that
 * say nothing else mean it (JCGM 106 section 8.2). `guarded`: the whole interval must lie inside
 * (ISO 14253-1). No call for 攻关 that was found says which, so it is a parameter of the round.
 */
export type AcceptanceRule = 'simple' | 'guarded';
/** What decides where a round says nothing else. */
export const ACCEPTANCE_RULE_DEFAULT: AcceptanceRule = 'simple';

/** What one measurement comes to. */
export type IndicatorVerdict = {
  readonly indicator: string;
  readonly verdict: 'met' | 'missed' | 'unmeasured';
  readonly findings: readonly Finding[];
};

/** Holds a measurement against its indicator; the verdict is computed and nobody's opinion. */
export function judgeMeasurement(
  indicator: Indicator,
  measurement: Measurement | undefined,
  rule: AcceptanceRule = ACCEPTANCE_RULE_DEFAULT,
): IndicatorVerdict {
  const facts = { indicator: indicator.code };
  const unmeasured = (code: string, more: Record<string, string> = {}): IndicatorVerdict => ({
    indicator: indicator.code,
    verdict: 'unmeasured',
    findings: [finding(code, 'error', { facts: { ...facts, ...more } })],
  });
  if (measurement === undefined) return unmeasured('missing_measurement');
  const value = parseRatio(measurement.value);
  if (value === undefined) return unmeasured('invalid_measurement', { text: measurement.value });
  if (measurement.unit !== indicator.unit) {
    const units = { unit: measurement.unit, wanted: indicator.unit };
    return unmeasured('mismatched_measurement_unit', units);
  }
  const half = measurement.uncertainty === null ? undefined : parseRatio(measurement.uncertainty);
  if (measurement.uncertainty !== null && (half === undefined || half.numerator < 0n)) {
    return unmeasured('invalid_measurement', { text: measurement.uncertainty });
  }
  if (rule === 'guarded' && half === undefined) return unmeasured('missing_uncertainty');
  const ends =
    rule === 'guarded' && half !== undefined
      ? [subtractRatio(value, half), addRatio(value, half)]
      : [value];
  const met = ends.every((end) => holds(indicator, end));
  return {
    indicator: indicator.code,
    verdict: met ? 'met' : 'missed',
    findings: met
      ? []
      : [
          finding('missed_indicator', 'error', {
            facts: { ...facts, value: measurement.value, threshold: thresholdText(indicator) },
          }),
        ],
  };
}

function holds(indicator: Indicator, value: Ratio): boolean {
  const ends = allowed(indicator);
  if (ends === undefined) return false;
  if (ends.low !== undefined) {
    const order = compareRatio(value, ends.low);
    if (order < 0 || (order === 0 && ends.open)) return false;
  }
  if (ends.high !== undefined) {
    const order = compareRatio(value, ends.high);
    if (order > 0 || (order === 0 && ends.open)) return false;
  }
  return true;
}

const SIGNS: Readonly<Record<IndicatorOperator, string>> = {
  at_least: '≥',
  at_most: '≤',
  above: '>',
  below: '<',
  equal: '=',
  between: '',
};

/** `≥ 60 fps`, `0.1–0.3 ms`. */
export function thresholdText(indicator: Indicator): string {
  const { operator, threshold, upper, unit } = indicator;
  const shown = unit === '1' ? '' : ` ${unit}`;
  if (operator === 'between') return `${threshold}–${upper ?? ''}${shown}`;
  return `${SIGNS[operator]} ${threshold}${shown}`;
}

/**
 * Whether `later` asks for less than `earlier`: every value that passed before passes still, and
 * some that did not pass do now. Another quantity, unit or method is a weakening too, because
 * nobody can say that it is not.
 */
export function isWeakened(earlier: Indicator, later: Indicator): boolean {
  if (earlier.name !== later.name || earlier.unit !== later.unit) return true;
  if (earlier.method !== later.method) return true;
  const [before, after] = [allowed(earlier), allowed(later)];
  if (before === undefined || after === undefined) return true;
  const lowKept =
    before.low === undefined ||
    (after.low !== undefined && atLeastAsStrict(after.low, before.low, before.open, after.open));
  const highKept =
    before.high === undefined ||
    (after.high !== undefined && atLeastAsStrict(before.high, after.high, before.open, after.open));
  return !lowKept || !highKept;
}

function atLeastAsStrict(a: Ratio, b: Ratio, wasOpen: boolean, isOpen: boolean): boolean {
  const order = compareRatio(a, b);
  return order > 0 || (order === 0 && (!wasOpen || isOpen));
}
