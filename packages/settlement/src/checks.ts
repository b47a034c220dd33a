import {
  addRatio,
  addDays,
  compareRatio,
  finding,
  type Finding,
  formatRatio,
  parseRatio,
  parseYuan,
  type Ratio,
  subtractRatio,
  ZERO,
} from '@yinglian/core';
import type { Scope, Share, Split, SplitClause, TheatricalTerms } from './terms/theatrical.ts';
import { orderedSplits } from './theatrical/resolver.ts';
import { checkGaps, checkOrder, checkOverlaps, datedness, type Restrictions } from './overlaps.ts';

/** What is wrong with theatrical terms before any money runs through them. */
export function checkTheatrical(terms: TheatricalTerms): Finding[] {
  return [
    ...checkHead(terms),
    ...checkParties(terms),
    ...checkFlow(terms),
    ...terms.splits.flatMap((split) => [
      ...split.clauses.flatMap((clause) => checkClause(terms, split, clause)),
      ...checkSegments(split),
    ]),
    ...checkDated('fund', terms.fund?.rates ?? [], ({ provinces }) => ({ provinces })),
    ...checkDated('vat', terms.vat?.methods ?? [], ({ provinces, cinemas, taxpayer }) => ({
      provinces,
      cinemas,
      taxpayer: taxpayer === undefined ? undefined : [taxpayer],
    })),
    ...checkTicketPrices(terms),
    ...checkStandards(terms),
    ...checkRounding(terms),
  ];
}

const clauseFinding = (
  code: string,
  severity: Finding['severity'],
  clause: string,
  facts: Finding['facts'] = {},
) => finding(code, severity, { facts, clause });

function checkHead(terms: TheatricalTerms): Finding[] {
  const { from, to } = terms.effective;
  return to !== undefined && to < from
    ? [clauseFinding('reversed_dates', 'error', 'effective', { from, to })]
    : [];
}

function checkParties(terms: TheatricalTerms): Finding[] {
  const findings: Finding[] = [];
  const seen = new Set<string>();
  for (const party of terms.parties) {
    if (seen.has(party.id)) {
      findings.push(clauseFinding('duplicate_party', 'error', 'parties', { party: party.id }));
    }
    seen.add(party.id);
    const stands = party.role === 'cinema' || party.role === 'circuit';
    if (party.account === undefined && !stands) {
      findings.push(clauseFinding('missing_account', 'warning', 'parties', { party: party.id }));
    }
  }
  const named: [string, string | undefined][] = [
    ['fund', terms.fund?.to],
    ['vat', terms.vat?.to],
    ['base', terms.base.topUpBy],
    ['rounding', terms.rounding.tailParty],
  ];
  for (const [clause, party] of named) {
    if (party !== undefined && !seen.has(party)) {
      findings.push(clauseFinding('unknown_party', 'error', clause, { party }));
    }
  }
  return findings;
}

/** Pools: each is filled, divided once, and never feeds itself. */
function checkFlow(terms: TheatricalTerms): Finding[] {
  const findings: Finding[] = [];
  const parties = new Set(terms.parties.map((each) => each.id));
  const pools = new Set<string>();
  for (const split of terms.splits) {
    for (const clause of split.clauses) {
      for (const share of clause.shares) if (!parties.has(share.to)) pools.add(share.to);
    }
  }
  const ordered = orderedSplits(terms.splits);
  const divided = new Set<string>();
  const ids = new Set<string>();
  for (const split of terms.splits) {
    if (ids.has(split.id)) findings.push(clauseFinding('duplicate_clause', 'error', split.id));
    ids.add(split.id);
    const known = split.of === 'gross' || split.of === 'net' || pools.has(split.of);
    if (!known) {
      findings.push(clauseFinding('unknown_amount', 'error', split.id, { amount: split.of }));
    } else if (!ordered.includes(split)) {
      findings.push(clauseFinding('circular_split', 'error', split.id, { amount: split.of }));
    }
    if (divided.has(split.of)) {
      findings.push(clauseFinding('duplicate_split', 'error', split.id, { amount: split.of }));
    }
    divided.add(split.of);
  }
  for (const pool of pools) {
    if (!divided.has(pool)) {
      findings.push(clauseFinding('unknown_party', 'error', 'splits', { party: pool }));
    }
  }
  if (!divided.has('net') && !divided.has('gross')) {
    findings.push(clauseFinding('missing_split', 'error', 'splits'));
  }
  return findings;
}

function checkClause(terms: TheatricalTerms, split: Split, clause: SplitClause): Finding[] {
  const at = `${split.id}:${clause.id}`;
  const findings: Finding[] = [];
  const { from, to } = clause.when;
  if (from !== undefined && to !== undefined && to < from) {
    findings.push(clauseFinding('reversed_dates', 'error', at, { from, to }));
  }
  for (const share of clause.shares)
    findings.push(...checkShare(terms, { split, clause }, share, at));
  const rests = clause.shares.filter((share) => share.share === 'rest').length;
  if (rests > 1) findings.push(clauseFinding('duplicate_rest', 'error', at));
  return [...findings, ...checkSum(split, clause, at)];
}

function checkShare(
  terms: TheatricalTerms,
  { split, clause }: { split: Split; clause: SplitClause },
  share: Share,
  at: string,
): Finding[] {
  const findings: Finding[] = [];
  if (share.cap !== undefined && share.share === 'rest') {
    findings.push(clauseFinding('unexpected_cap', 'error', at, { party: share.to }));
  }
  if (share.floor !== undefined) findings.push(...checkFloor(clause, share, at));
  if (share.of !== undefined) {
    const parties = new Set(terms.parties.map((each) => each.id));
    const earlier = new Set(['gross', 'net']);
    for (const each of orderedSplits(terms.splits)) {
      if (each === split) break;
      for (const clause of each.clauses) {
        for (const item of clause.shares) if (!parties.has(item.to)) earlier.add(item.to);
      }
    }
    if (!earlier.has(share.of)) {
      findings.push(clauseFinding('unknown_amount', 'error', at, { amount: share.of }));
    }
  }
  if (share.ladder !== undefined) findings.push(...checkLadder(share.ladder, at));
  return findings;
}

/** A floor is taken from the rest, so there must be one, and no share that sites differ in. */
function checkFloor(clause: SplitClause, share: Share, at: string): Finding[] {
  const even = clause.shares.every((each) => each.perTicket === undefined && each.of === undefined);
  const alone = clause.shares.filter((each) => each.floor !== undefined).length === 1;
  const rest = clause.shares.some((each) => each.share === 'rest');
  if (!even || !alone || !rest || share.share === 'rest')
    return [clauseFinding('unexpected_floor', 'error', at, { party: share.to })];
  const { cap, floor } = share;
  if (cap === undefined || parseYuan(floor!)! <= parseYuan(cap)!) return [];
  return [clauseFinding('excessive_minimum', 'error', at, { minimum: floor!, cap })];
}

function checkLadder(ladder: NonNullable<Share['ladder']>, at: string): Finding[] {
  const findings: Finding[] = [];
  const threshold = (text: string) =>
    ladder.measure === 'admissions'
      ? /^\d+$/.test(text)
        ? BigInt(text)
        : undefined
      : parseYuan(text);
  let last: bigint | undefined;
  for (const [index, tier] of ladder.tiers.entries()) {
    const above = threshold(tier.above);
    if (above === undefined) {
      findings.push(clauseFinding('invalid_threshold', 'error', at, { above: tier.above }));
      continue;
    }
    if (index === 0 && above !== 0n) {
      findings.push(clauseFinding('missing_first_tier', 'error', at, { above: tier.above }));
    }
    if (last !== undefined && above <= last) {
      findings.push(clauseFinding('unreachable_tier', 'error', at, { above: tier.above }));
    }
    last = above;
  }
  return findings;
}

/** Shares must come to the declared total: nothing is normalised and nothing given away unsaid. */
function checkSum(split: Split, clause: SplitClause, at: string): Finding[] {
  const floating = clause.shares.some(
    (share) => share.perTicket !== undefined || share.of !== undefined || share.cap !== undefined,
  );
  const hasRest = clause.shares.some((share) => share.share === 'rest');
  const [least, most] = clause.shares.reduce<[Ratio, Ratio]>(
    ([low, high], share) => {
      if (share.of !== undefined || share.perTicket !== undefined) return [low, high];
      const rates =
        share.ladder?.tiers.map((tier) => parseRatio(tier.share)!) ??
        (share.share === undefined || share.share === 'rest' ? [ZERO] : [parseRatio(share.share)!]);
      const sorted = [...rates].sort(compareRatio);
      return [addRatio(low, sorted[0]!), addRatio(high, sorted.at(-1)!)];
    },
    [ZERO, ZERO],
  );
  const total = parseRatio(split.total)!;
  const facts = { shares: percent(most), total: split.total };
  if (compareRatio(most, total) > 0) return [clauseFinding('excessive_shares', 'error', at, facts)];
  if (hasRest) return [];
  if (floating) return [clauseFinding('missing_rest', 'warning', at, facts)];
  if (compareRatio(least, total) < 0) {
    const missing = percent(subtractRatio(total, least));
    return [
      clauseFinding('incomplete_shares', 'error', at, {
        ...facts,
        shares: percent(least),
        missing,
      }),
    ];
  }
  return [];
}

/** `43%`, or the exact fraction where no short decimal says it. */
function percent(value: Ratio): string {
  const hundredths = addRatio(ZERO, {
    numerator: value.numerator * 10_000n,
    denominator: value.denominator,
  });
  if (hundredths.denominator !== 1n) return formatRatio(value);
  const text = hundredths.numerator.toString().padStart(3, '0');
  return `${text.slice(0, -2)}.${text.slice(-2)}`.replace(/\.?0+$/, '') + '%';
}

/** What a clause is restricted to, apart from its days. */
function restrictionsOf({ from: _from, to: _to, equipment, ...lists }: Scope): Restrictions {
  return { ...lists, ...(equipment === undefined ? {} : { equipment: [equipment] }) };
}

const scopeKey = (when: Scope) =>
  JSON.stringify(
    Object.entries(restrictionsOf(when))
      .map(([name, allowed]) => [name, [...(allowed ?? [])].sort()] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );

/** Clauses that meet: their dates do not overlap; those of one scope leave no gap either. */
function checkSegments(split: Split): Finding[] {
  const dated = split.clauses.map(({ id, when }) => ({ id, when, from: when.from, to: when.to }));
  const findings = checkOverlaps(
    dated,
    (each) => restrictionsOf(each.when),
    (each) => `${split.id}:${each.id}`,
  );
  const groups = new Map<string, SplitClause[]>();
  const ids = new Set<string>();
  for (const clause of split.clauses) {
    if (ids.has(clause.id))
      findings.push(clauseFinding('duplicate_clause', 'error', `${split.id}:${clause.id}`));
    ids.add(clause.id);
    const key = scopeKey(clause.when);
    groups.set(key, [...(groups.get(key) ?? []), clause]);
  }
  for (const group of groups.values()) {
    const ordered = [...group].sort((a, b) => ((a.when.from ?? '') < (b.when.from ?? '') ? -1 : 1));
    for (const [index, clause] of ordered.slice(1).entries()) {
      const before = ordered[index]!;
      const at = `${split.id}:${clause.id}`;
      const { to } = before.when;
      const { from } = clause.when;
      if (to !== undefined && from !== undefined && from > addDays(to, 1)) {
        const facts = { from: addDays(to, 1), to: addDays(from, -1) };
        findings.push(clauseFinding('missing_segment', 'warning', at, facts));
      }
    }
  }
  return findings;
}

type Dated = {
  readonly id: string;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
};

/** What holds on days: their order, where two meet, and days that neither one covers. */
function checkDated<Item extends Dated>(
  clause: string,
  items: readonly Item[],
  restrictionsOf: (item: Item) => Restrictions,
  meeting: typeof checkOverlaps = checkOverlaps,
): Finding[] {
  const clauseOf = ({ id }: Item) => `${clause}:${id}`;
  const reversed = items.flatMap((item) => {
    const { from, to } = item;
    return from !== undefined && to !== undefined && to < from
      ? [clauseFinding('reversed_dates', 'error', clauseOf(item), { from, to })]
      : [];
  });
  const withDates = (item: Item) => ({ ...restrictionsOf(item), ...datedness(item) });
  return [
    ...reversed,
    ...meeting(items, withDates, clauseOf),
    ...checkGaps(items, restrictionsOf, clauseOf),
  ];
}

function checkStandards(terms: TheatricalTerms): Finding[] {
  const classes = new Set([...Object.keys(terms.base.cityClasses), terms.base.otherCities]);
  const findings = terms.base.standards.flatMap((standard) =>
    classes.has(standard.cityClass)
      ? []
      : [
          clauseFinding('unknown_city_class', 'error', `base:${standard.id}`, {
            cityClass: standard.cityClass,
          }),
        ],
  );
  const seen = new Map<string, string>();
  for (const [name, cities] of Object.entries(terms.base.cityClasses)) {
    for (const city of cities) {
      const other = seen.get(city);
      if (other !== undefined) {
        findings.push(
          clauseFinding('duplicate_city', 'error', 'base', { city, first: other, second: name }),
        );
      }
      seen.set(city, name);
    }
  }
  return [
    ...findings,
    ...checkDated('base', terms.base.standards, ({ cityClass, versions }) => ({
      cityClass: [cityClass],
      versions,
    })),
  ];
}

/** The first price that fits holds, so that what stands below a broader one is never reached. */
function checkTicketPrices({ base }: TheatricalTerms): Finding[] {
  const scope = ({ types, versions }: NonNullable<typeof base.ticketPrices>[number]) => ({
    types,
    versions,
  });
  return checkDated('base', base.ticketPrices ?? [], scope, checkOrder);
}

function checkRounding(terms: TheatricalTerms): Finding[] {
  const { place, periods, method } = terms.rounding;
  if (place === 'total' && periods === 'to_date') {
    return [
      clauseFinding('incompatible_rounding', 'error', 'rounding', { place, periods, method }),
    ];
  }
  return [];
}
