import {
  accepted,
  finding,
  type IsoDate,
  type Outcome,
  parseRatio,
  type Ratio,
  refused,
} from '@yinglian/core';
import type { FactValue, GivenFact } from '@yinglian/policy';
import { rowsOf, valueOf } from './fields.ts';
import { standingFault } from './life.ts';
import type { EntryRecord, Feed, Fields, Needs, RegisterDefinition, Row, Take } from './model.ts';

/** Who claims, as entries name organisations. */
export type Claimant = {
  readonly id: string;
  /** Unified social credit code, where the network knows it. */
  readonly code: string | null;
  readonly name: string;
};

/** An entry with what its provenance says. */
export type RegisteredEntry = EntryRecord & {
  readonly number: string;
  /** Grows with every change, so that a claim names the very record it rests on. */
  readonly version: number;
  readonly holderId: string;
  readonly keeper: string;
};

/** What an entry gives to a claim, every fact with its source. */
export type FedClaim = {
  readonly facts: Readonly<Record<string, GivenFact>>;
  /** The thing that is supported once: the number of the entry. */
  readonly object: string;
  /** Empty for the holder; the claimant's share where several share one award. */
  readonly share: string;
  readonly eventDate: IsoDate;
  readonly evidence: Feed['evidence'];
};

/** The share of a claimant in an entry; undefined where it is none of its beneficiaries. */
export function shareOf(
  register: RegisterDefinition,
  entry: Pick<RegisteredEntry, 'holderId' | 'fields'>,
  claimant: Claimant,
): Ratio | undefined {
  const { beneficiary } = register;
  if (beneficiary.by === 'holder') {
    return claimant.id === entry.holderId ? { numerator: 1n, denominator: 1n } : undefined;
  }
  const row = rowsOf(entry.fields, beneficiary.field).find((each) =>
    names(each, beneficiary, claimant),
  );
  return row === undefined ? undefined : parseRatio(String(row[beneficiary.share] ?? ''));
}

/** By the code where the entry has one: names are alike too often. */
function names(row: Row, by: { code: string; name: string }, claimant: Claimant): boolean {
  const code = String(row[by.code] ?? '')
    .trim()
    .toUpperCase();
  if (code !== '') return code === claimant.code?.trim().toUpperCase();
  return String(row[by.name] ?? '').trim() === claimant.name.trim();
}

/** The feeds of a register for one item, whose needs the entry meets. */
export function feedsFor(
  register: RegisterDefinition,
  fields: Fields,
  at: { readonly instrument: string; readonly item: string },
): readonly Feed[] {
  return register.feeds.filter(
    (feed) =>
      feed.instrument === at.instrument &&
      feed.item === at.item &&
      feed.needs.every((each) => meets(fields, each)),
  );
}

function meets(fields: Fields, { field, in: wanted }: Needs): boolean {
  const value = valueOf(fields, field);
  return wanted.some((each) => each === value);
}

/**
 * What an entry gives to a claim on a day. Refused where the claimant is no beneficiary (the award
 * of a selected project goes to who provided the solution), where the entry does not stand, or
 * where it says nothing for that item.
 */
export function feedClaim(
  register: RegisterDefinition,
  entry: RegisteredEntry,
  asked: {
    readonly instrument: string;
    readonly item: string;
    readonly claimant: Claimant;
    readonly on: IsoDate;
  },
): Outcome<FedClaim> {
  const fault = standingFault(register, entry, asked.on);
  if (fault !== undefined) return refused(fault);
  const share = shareOf(register, entry, asked.claimant);
  if (share === undefined) {
    const facts = { number: entry.number, by: register.beneficiary.by };
    return refused(finding('foreign_beneficiary', 'error', { facts }));
  }
  const feed = feedsFor(register, entry.fields, asked)[0];
  if (feed === undefined) {
    const facts = { number: entry.number, item: asked.item };
    return refused(finding('unfed_item', 'error', { facts }));
  }
  const own = { source: `register:${entry.number}@${entry.version}`, date: entry.registeredOn! };
  const facts = feed.facts.flatMap(({ fact, from }) => {
    const value = takeValue(entry.fields, from);
    if (value === undefined) return [];
    return [[fact, { value, ...own, verifier: entry.keeper }] as const];
  });
  const dated =
    feed.eventDate.from === 'field' ? valueOf(entry.fields, feed.eventDate.field) : undefined;
  return accepted({
    facts: Object.fromEntries(facts),
    object: entry.number,
    share: share.numerator === share.denominator ? '' : `${share.numerator}/${share.denominator}`,
    eventDate: typeof dated === 'string' && dated !== '' ? dated : entry.registeredOn!,
    evidence: feed.evidence,
  });
}

function takeValue(fields: Fields, from: Take): FactValue | undefined {
  switch (from.take) {
    case 'value':
      return from.value;
    case 'field': {
      const value = valueOf(fields, from.field);
      // A table is no fact; sums and counts are taken from it.
      return Array.isArray(value) && value.some((each) => typeof each === 'object')
        ? undefined
        : (value as FactValue | undefined);
    }
    case 'map': {
      const value = String(valueOf(fields, from.field) ?? '');
      return Object.hasOwn(from.table, value) ? from.table[value] : undefined;
    }
    case 'sum':
    case 'count':
      return total(rowsOf(fields, from.field), from);
  }
}

/** Money is added up as fen in digits; counts are numbers. */
function total(rows: readonly Row[], from: Take & { take: 'sum' | 'count' }): FactValue {
  const { where, column } = from;
  const counted =
    where === undefined
      ? rows
      : rows.filter((row) => where.in.includes(String(row[where.column] ?? '')));
  if (from.take === 'count' || column === undefined) return counted.length;
  const values = counted.map((row) => row[column]);
  if (values.every((value) => value === undefined || typeof value === 'number')) {
    return values.reduce<number>((sum, value) => sum + (value ?? 0), 0);
  }
  return String(
    values.reduce<bigint>(
      (sum, value) => sum + (/^\d{1,24}$/.test(String(value)) ? BigInt(String(value)) : 0n),
      0n,
    ),
  );
}
