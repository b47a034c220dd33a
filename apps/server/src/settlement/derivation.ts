import type { Derivation as Wire } from '@yinglian/contract';
import { formatRatio, formatYuan, parseRatio, type Ratio, subtractRatio } from '@yinglian/core';
import type { Derivation, ExplainedPart } from '@yinglian/settlement';

/**
 * A derivation as it is stored with a line: in no language. The tree is the settlement package's,
 * with exact values as text, and the rows that the whole line was summed from.
 */
export type StoredDerivation = {
  readonly parts: readonly StoredNode[];
  readonly rows: readonly { readonly reportId: string; readonly line: number }[];
};
export type StoredNode = {
  readonly name: string;
  readonly operation: Derivation['operation'];
  readonly value: string;
  readonly clause?: string;
  readonly facts?: Readonly<Record<string, string>>;
  readonly inputs: readonly StoredNode[];
};

export function storeDerivation(
  parts: readonly ExplainedPart[],
  factIds: readonly string[],
): StoredDerivation {
  return {
    parts: parts.map((part) => storeNode(part.derivation)),
    rows: factIds.map((id) => {
      const [reportId, line] = id.split(':');
      return { reportId: reportId ?? '', line: Number(line) };
    }),
  };
}

function storeNode(node: Derivation): StoredNode {
  return {
    name: node.name,
    operation: node.operation,
    value: formatRatio(node.value),
    inputs: node.inputs.map(storeNode),
    ...(node.clause === undefined ? {} : { clause: node.clause }),
    ...(node.facts === undefined ? {} : { facts: node.facts }),
  };
}

type Words = { readonly zh: string; readonly en: string };

/** Names of the plan's own nodes; parties and pools keep the names of the terms. */
const NAMES: Readonly<Record<string, Words>> = {
  gross: { zh: '票房', en: 'Gross' },
  base: { zh: '结算票房', en: 'Settlement base' },
  fund: { zh: '电影专项基金', en: 'Film fund' },
  tax: { zh: '税金', en: 'VAT and surcharges' },
  net: { zh: '净票房', en: 'Net' },
  admissions: { zh: '人次', en: 'Admissions' },
  to_date: { zh: '累计至本期', en: 'To date' },
  stated_before: { zh: '以前各期已列', en: 'Stated before' },
  rate: { zh: '比例', en: 'Rate' },
  rounding_tail: { zh: '尾差', en: 'Rounding tail' },
  undistributed: { zh: '未约定归属', en: 'Given to nobody' },
};

const OPERATIONS: Readonly<Record<Derivation['operation'], Words & { readonly sign: string }>> = {
  facts: { zh: '由票房数据汇总', en: 'summed from rows', sign: '' },
  constant: { zh: '条款所定', en: 'written in the terms', sign: '' },
  multiply: { zh: '相乘', en: 'product', sign: '×' },
  add: { zh: '相加', en: 'sum', sign: '+' },
  subtract: { zh: '相减', en: 'difference', sign: '−' },
  greater: { zh: '取大', en: 'the greater', sign: 'max' },
  lesser: { zh: '取小', en: 'the lesser', sign: 'min' },
  round: { zh: '取整到分', en: 'rounded to the fen', sign: '≈' },
  allocate: { zh: '按最大余数分配到分', en: 'allocated to the fen', sign: '≈' },
  difference: { zh: '累计减已列', en: 'to date less stated before', sign: '−' },
};

export type Language = 'zh-CN' | 'en';

/** One line's figure, opened: in words, from the result down to the rows. */
export function tellDerivation(
  stored: StoredDerivation,
  title: string,
  totalFen: string,
  language: Language,
  partyName: (id: string) => string,
): Wire {
  const word = (words: Words) => (language === 'zh-CN' ? words.zh : words.en);
  const tell = (node: StoredNode): Wire => {
    const operation = OPERATIONS[node.operation];
    const rounded = node.operation === 'round' || node.operation === 'allocate';
    const exact = node.inputs[0];
    return {
      label: nameOf(node, word, partyName),
      clause: node.clause ?? null,
      inputs: Object.entries(node.facts ?? {}).map(([name, value]) => ({ name, value })),
      arithmetic: arithmeticOf(node, operation.sign),
      rounding:
        rounded && exact !== undefined
          ? `${word(operation)} (${shownDifference(node.value, exact.value)})`
          : word(operation),
      amountFen: isWhole(node.value) && !isRate(node) ? node.value : null,
      rows: [],
      parts: node.inputs.map(tell),
    };
  };
  return {
    label: title,
    clause: null,
    inputs: [],
    arithmetic: null,
    rounding: null,
    amountFen: totalFen,
    rows: stored.rows.map((row) => ({ ...row })),
    parts: stored.parts.map(tell),
  };
}

function nameOf(
  node: StoredNode,
  word: (words: Words) => string,
  partyName: (id: string) => string,
): string {
  const known = NAMES[node.name];
  return known === undefined ? partyName(node.name) : word(known);
}

/** `917.378640… × 43/100 = 394.472815…`: the inputs, the sign, the exact result in yuan. */
function arithmeticOf(node: StoredNode, sign: string): string | null {
  if (node.inputs.length === 0) return isRate(node) ? node.value : shown(node.value);
  const operands = node.inputs.map((each) => (isRate(each) ? each.value : shown(each.value)));
  const left =
    sign === 'max' || sign === 'min'
      ? `${sign}(${operands.join(', ')})`
      : operands.join(` ${sign} `);
  if (sign === '≈') return `${operands[0]} → ${shown(node.value)}`;
  return `${left} = ${isRate(node) ? node.value : shown(node.value)}`;
}

/** Rates and counts are pure numbers; amounts are fen. Leaves of the terms are rates. */
function isRate(node: StoredNode): boolean {
  return node.operation === 'constant' || node.name === 'rate' || node.name === 'admissions';
}

function isWhole(value: string): boolean {
  return !value.includes('/');
}

const SHOWN_PLACES = 6n;

/** Fen as yuan; a fraction of a fen with six more places and an ellipsis when cut. */
function shown(value: string): string {
  const exact = parseRatio(value);
  if (exact === undefined) return value;
  if (exact.denominator === 1n) return formatYuan(exact.numerator);
  const scale = 10n ** SHOWN_PLACES;
  const scaled = (exact.numerator * scale) / exact.denominator;
  const negative = scaled < 0n;
  const magnitude = negative ? -scaled : scaled;
  const fraction = (magnitude % scale).toString().padStart(Number(SHOWN_PLACES), '0');
  const cut = (exact.numerator * scale) % exact.denominator === 0n ? '' : '…';
  return `${negative ? '-' : ''}${formatYuan(magnitude / scale)}${fraction}${cut}`;
}

function shownDifference(rounded: string, exact: string): string {
  const [a, b] = [parseRatio(rounded), parseRatio(exact)];
  if (a === undefined || b === undefined) return '';
  const moved: Ratio = subtractRatio(a, b);
  const sign = moved.numerator < 0n ? '' : '+';
  return `${sign}${formatRatio(moved)} fen`;
}
