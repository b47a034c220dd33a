import {
  accepted,
  finding,
  isIsoDate,
  type Outcome,
  parseRatio,
  parseYuan,
  refused,
} from '@yinglian/core';
import { parse as parseYaml } from 'yaml';
import { z } from 'zod';
import { LEVEL_NAMES } from './levels.ts';
import { BOOK_FIELD_NAMES, RECEIPT_FIELD_NAMES } from './table.ts';

/** What a party of a reconciliation is: it decides what its book is compared for. */
export const PARTY_ROLES = [
  'ticketing',
  'circuit',
  'equipment',
  'fund',
  'seller',
  'playback',
  'bank',
] as const;
/** One role of the list. */
export type PartyRole = (typeof PARTY_ROLES)[number];

const yuan = z.string().transform((text, context) => {
  const fen = parseYuan(text);
  if (fen !== undefined && fen >= 0n) return fen;
  context.addIssue({ code: 'custom', message: 'yuan' });
  return z.NEVER;
});
const share = z.string().transform((text, context) => {
  const value = parseRatio(text);
  if (value !== undefined && value.numerator >= 0n && value.numerator <= value.denominator)
    return value;
  context.addIssue({ code: 'custom', message: 'share' });
  return z.NEVER;
});
const name = z.string().min(1).max(100);
const columns = z.partialRecord(z.enum([...BOOK_FIELD_NAMES, ...RECEIPT_FIELD_NAMES]), name);
const party = z.strictObject({
  name,
  role: z.enum(PARTY_ROLES),
  /** Paths beside the plan. */
  files: z.array(z.string().min(1)).min(1).max(200),
  /** Field → heading; left out, the file is read as any box-office file is. */
  columns: columns.optional(),
  moneyUnit: z.enum(['yuan', 'fen']).default('yuan'),
  /** Differences of gross up to this are silent, and small up to the other. */
  tolerance: yuan.optional(),
  small: yuan.optional(),
  /** Of a bank: whose sales come in, a day at a time, less which part. */
  pays: z
    .strictObject({
      party: name,
      fee: share.default({ numerator: 0n, denominator: 1n }),
      from: z.string().refine(isIsoDate).optional(),
      to: z.string().refine(isIsoDate).optional(),
    })
    .optional(),
  /** Of a bank: the name of a payer in the account → the seller. */
  payers: z.record(name, name).default({}),
});
const plan = z.strictObject({
  format: z.literal('yinglian-reconciliation/1'),
  /** What a row is of: each show, or cinema, film and days. */
  rows: z.enum(['screening', 'day']).default('screening'),
  /** The party that the others are compared with. */
  reference: name,
  parties: z.array(party).min(2).max(40),
  levels: z.array(z.enum(LEVEL_NAMES)).default([]),
});

/** Parties, keys, levels and tolerances of a reconciliation, as data. */
export type ReconciliationPlan = z.output<typeof plan>;
/** One party of a plan. */
export type PlanParty = ReconciliationPlan['parties'][number];

const PLAN_CHARACTERS_MAX = 1_000_000;

/** A plan from YAML or JSON text; what it does not know refuses it. */
export function parsePlan(text: string): Outcome<ReconciliationPlan> {
  let data: unknown;
  try {
    if (text.length > PLAN_CHARACTERS_MAX) throw new Error(`> ${PLAN_CHARACTERS_MAX}`);
    data = parseYaml(text, { schema: 'failsafe', maxAliasCount: 50, logLevel: 'error' });
  } catch (error) {
    return refused(wrong('', (error as Error).message.split('\n')[0]!));
  }
  const parsed = plan.safeParse(data);
  if (!parsed.success) {
    const { issues } = parsed.error;
    return refused(
      ...issues.map(({ path, message }) => wrong(path.map(String).join('.'), message)),
    );
  }
  const problems = contradictions(parsed.data);
  return problems.length > 0 ? refused(...problems) : accepted(parsed.data);
}

const wrong = (path: string, problem: string) =>
  finding('invalid_plan', 'error', { facts: { path, problem }, at: { path } });

/** Names that stand for nobody, and banks of which nothing is expected. */
function contradictions({ reference, parties }: ReconciliationPlan) {
  const byName = new Map(parties.map((each) => [each.name, each]));
  const problems = [];
  if (byName.size < parties.length) problems.push(wrong('parties', 'name'));
  const first = byName.get(reference)?.role;
  if (first === undefined || ['seller', 'bank', 'playback'].includes(first))
    problems.push(wrong('reference', reference));
  for (const [i, each] of parties.entries()) {
    const paying = each.pays === undefined ? undefined : byName.get(each.pays.party)?.role;
    const known = paying !== undefined && paying !== 'bank' && paying !== 'playback';
    if ((each.role === 'bank') !== known) problems.push(wrong(`parties.${i}.pays`, each.name));
  }
  return problems;
}
