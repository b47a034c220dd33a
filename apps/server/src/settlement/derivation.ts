import type { Derivation as Wire } from '@yinglian/contract';
import { formatRatio, formatYuan, parseRatio, type Ratio, subtractRatio } from '@yinglian/core';
import type { Derivation } from '@yinglian/settlement';
import { FACTS, NAMES, NUMBERS, OPERATIONS, VALUES, type Words } from './derivation-words.ts';

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
  parts: readonly { readonly derivation: Derivation }[],
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

/** A supplement: what the period comes to now, less what was stated of it before. */
export function storedDifference(
  stored: StoredDerivation,
  nowFen: bigint,
  shareFen: bigint,
): StoredDerivation {
  const now: StoredNode =
    stored.parts.length === 1
      ? stored.parts[0]!
      : {
          name: 'period_now',
          operation: stored.parts.length === 0 ? 'facts' : 'add',
          value: String(nowFen),
          inputs: stored.parts,
        };
  const before: StoredNode = {
    name: 'stated_for_period',
    operation: 'facts',
    value: String(nowFen - shareFen),
    inputs: [],
  };
  return {
    rows: stored.rows,
    parts: [
      {
        name: 'supplement',
        operation: 'difference',
        value: String(shareFen),
        inputs: [now, before],
      },
    ],
  };
}

export type Language = 'zh-CN' | 'en';

/** How the terms call their parties and clauses in the reader's language. */
export type Names = {
  readonly partyName: (id: string) => string;
  readonly clauseName: (id: string) => string;
};

/** One line's figure, opened: in words, from the result down to the rows. */
export function tellDerivation(
  stored: StoredDerivation,
  title: string,
  totalFen: string,
  language: Language,
  { partyName, clauseName }: Names,
): Wire {
  const word = (words: Words) => (language === 'zh-CN' ? words.zh : words.en);
  const tell = (node: StoredNode): Wire => {
    const operation = OPERATIONS[node.operation];
    const rounded = node.operation === 'round' || node.operation === 'allocate';
    const exact = node.inputs[0];
    return {
      label: nameOf(node, word, partyName),
      clause: node.clause === undefined ? null : clauseName(node.clause),
      inputs: Object.entries(node.facts ?? {}).map(([name, value]) => ({
        name: name in FACTS ? word(FACTS[name]!) : name,
        value: valueOf(name, value, word, partyName),
      })),
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
  if (known !== undefined) return word(known);
  // A node of a plan is named after its taker, or `split/clause/taker`.
  const last = node.name.split('/').at(-1) ?? node.name;
  const tail = NAMES[last];
  return tail === undefined ? partyName(last) : word(tail);
}

/** Facts that are a party or one of the language's own words are said in words. */
function valueOf(
  name: string,
  value: string,
  word: (words: Words) => string,
  partyName: (id: string) => string,
): string {
  if (PARTY_FACTS.has(name)) return partyName(value);
  // A day on which a tier, a cap or a floor is crossed has a rate of its own.
  const crossed = /^[^@]+@(\d{4}-\d\d-\d\d)$/.exec(value)?.[1];
  if (crossed !== undefined) return word({ zh: `${crossed} 跨档`, en: `crossed on ${crossed}` });
  const known = VALUES[value];
  return known === undefined ? value : word(known);
}
const PARTY_FACTS: ReadonlySet<string> = new Set(['to', 'of', 'from', 'party']);

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
  if (NUMBERS.has(node.name)) return true;
  return node.operation === 'constant' && !MONEY_CONSTANTS.has(node.name);
}
/** Constants of the terms that are money. */
const MONEY_CONSTANTS: ReadonlySet<string> = new Set([
  'advance',
  'accrued_before',
  'allowance',
  'cap',
  'deduction',
  'each',
  'flat',
  'lacking_before',
  'left_under_cap',
  'minimum',
  'net_before',
  'nothing',
  'obligation',
  'outstanding',
  'per_ticket',
  'price',
  'received_before',
  'released',
  'room',
]);

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
