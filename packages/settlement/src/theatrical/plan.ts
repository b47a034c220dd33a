import {
  addRatio,
  multiplyRatio,
  ONE,
  parseRatio,
  parseYuan,
  type Ratio,
  ratio,
  subtractRatio,
  ZERO,
} from '@yinglian/core';
import type { VatMethod } from '../terms/theatrical.ts';

/**
 * The steps from the base of a line to what each party gets, in order. Every step is linear in the
 * base and the admissions, so a whole line is one exact allocation.
 */
export type PlanNode =
  | { readonly op: 'base'; readonly id: 'base' }
  | {
      readonly op: 'share';
      readonly id: string;
      readonly of: string;
      readonly rate: Ratio;
      readonly clause: string;
      readonly to?: string;
      /** The rate in the words of the clause. */
      readonly words: { readonly [name: string]: string };
    }
  | {
      readonly op: 'ticket';
      readonly id: string;
      readonly fen: Ratio;
      readonly clause: string;
      readonly to?: string;
      readonly words: { readonly [name: string]: string };
    }
  | {
      readonly op: 'less';
      readonly id: string;
      readonly of: string;
      readonly minus: readonly string[];
      readonly clause: string;
      readonly to?: string;
    };

/** Amount = base × `base` + admissions × `tickets`, in fen. */
export type LinearForm = { readonly base: Ratio; readonly tickets: Ratio };

const NOTHING: LinearForm = { base: ZERO, tickets: ZERO };

/** The sum of two forms. */
export function addForms(a: LinearForm, b: LinearForm): LinearForm {
  return { base: addRatio(a.base, b.base), tickets: addRatio(a.tickets, b.tickets) };
}

/** The difference of two forms. */
export function subtractForms(a: LinearForm, b: LinearForm): LinearForm {
  return { base: subtractRatio(a.base, b.base), tickets: subtractRatio(a.tickets, b.tickets) };
}

/** A form times a factor. */
export function scaleForm(form: LinearForm, factor: Ratio): LinearForm {
  return { base: multiplyRatio(form.base, factor), tickets: multiplyRatio(form.tickets, factor) };
}

/** The form of a node, from the forms of the nodes before it. */
export function nodeForm(node: PlanNode, forms: ReadonlyMap<string, LinearForm>): LinearForm {
  switch (node.op) {
    case 'base':
      return { base: ONE, tickets: ZERO };
    case 'share':
      return scaleForm(forms.get(node.of) ?? NOTHING, node.rate);
    case 'ticket':
      return { base: ZERO, tickets: node.fen };
    case 'less':
      return node.minus.reduce(
        (left, id) => subtractForms(left, forms.get(id) ?? NOTHING),
        forms.get(node.of) ?? NOTHING,
      );
  }
}

/** The coefficient of VAT and surcharges on the base, by the method's name. */
export function vatCoefficient(method: VatMethod, fundRate: Ratio): Ratio {
  const rate = parseRatio(method.rate)!;
  switch (method.method) {
    case 'exempt':
      return ZERO;
    case 'customary':
      return rate;
    case 'net_factor':
      return subtractRatio(subtractRatio(ONE, fundRate), rate);
    case 'extracted':
    case 'small_scale': {
      const surcharged = multiplyRatio(rate, addRatio(ONE, parseRatio(method.surcharge)!));
      const inside = addRatio(ONE, rate);
      return ratio(
        surcharged.numerator * inside.denominator,
        surcharged.denominator * inside.numerator,
      );
    }
  }
}

/** One taker of a line: a terminal node, or what no clause gives to anybody. */
export type Terminal = { readonly node: string; readonly party: string; readonly clause: string };

/**
 * A plan made ready for many lines: numerators over one denominator. Lines whose every clause and
 * tier is the same share one profile.
 */
export type Profile = {
  /** The clauses and tiers that hold, joined: part of the line's identity. */
  readonly key: string;
  readonly nodes: readonly PlanNode[];
  readonly terminals: readonly Terminal[];
  readonly denominator: bigint;
  readonly baseNumerators: readonly bigint[];
  readonly ticketNumerators: readonly bigint[];
  /** Some taker gets an amount per admission. */
  readonly perTicket: boolean;
  /** The rate of VAT as column 13 of the sheet shows it. */
  readonly vatRate: Ratio;
  /** A clause that names halls holds, so that the hall is part of the line's identity. */
  readonly byHall: boolean;
};

/** The taker of what the shares leave over. */
export const UNDISTRIBUTED = 'undistributed';

/** Works out what every taker of the plan gets of the base and of each admission. */
export function makeProfile(
  key: string,
  nodes: readonly PlanNode[],
  shown: { vatRate: Ratio; byHall: boolean },
): Profile {
  const forms = new Map<string, LinearForm>();
  for (const node of nodes) forms.set(node.id, nodeForm(node, forms));
  const terminals: Terminal[] = [];
  const taken: LinearForm[] = [];
  let left: LinearForm = { base: ONE, tickets: ZERO };
  for (const node of nodes) {
    if (node.op === 'base' || node.to === undefined) continue;
    const form = forms.get(node.id)!;
    terminals.push({ node: node.id, party: node.to, clause: node.clause });
    taken.push(form);
    left = subtractForms(left, form);
  }
  if (left.base.numerator !== 0n || left.tickets.numerator !== 0n) {
    terminals.push({ node: UNDISTRIBUTED, party: UNDISTRIBUTED, clause: UNDISTRIBUTED });
    taken.push(left);
  }
  let denominator = 1n;
  for (const form of taken) {
    denominator = leastCommonMultiple(denominator, form.base.denominator);
    denominator = leastCommonMultiple(denominator, form.tickets.denominator);
  }
  const over = (value: Ratio) => value.numerator * (denominator / value.denominator);
  return {
    key,
    nodes,
    terminals,
    denominator,
    baseNumerators: taken.map((form) => over(form.base)),
    ticketNumerators: taken.map((form) => over(form.tickets)),
    perTicket: taken.some((form) => form.tickets.numerator !== 0n),
    ...shown,
  };
}

/** The least common multiple of two positive numbers. */
export function leastCommonMultiple(a: bigint, b: bigint): bigint {
  return ratio(a, b).numerator * b;
}

/** Yuan per admission as exact fen. */
export function ticketFen(yuan: string): Ratio {
  return ratio(parseYuan(yuan)!);
}
