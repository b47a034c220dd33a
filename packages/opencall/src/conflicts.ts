import { addMonths, type Finding, finding, type IsoDate } from '@yinglian/core';
import { z } from 'zod';
import type { BidIdentity } from './bid.ts';

const name = z.string().trim().min(1).max(200);

/** An organisation as people write it, with its credit code where it is known. */
export const organisationShape = z.object({
  name,
  creditCode: z
    .string()
    .regex(/^[0-9A-Z]{18}$/)
    .nullable(),
});
/** An organisation that somebody works for, holds or is paid by. */
export type NamedOrganisation = z.infer<typeof organisationShape>;

/** An expert of the pool as the expert declares it. */
export const expertShape = z.object({
  name,
  fields: z.array(z.string().trim().min(1).max(60)).min(1).max(20),
  region: z.string().trim().min(1).max(60),
  employer: organisationShape,
  titles: z.array(name).max(20),
  email: z.string().trim().max(200).nullable(),
  /** Former employers; `to` is the last day there. */
  history: z.array(organisationShape.extend({ to: z.iso.date() })).max(50),
  /** Papers, patents and projects with those who did them too. */
  works: z
    .array(
      z.object({
        kind: z.enum(['paper', 'patent', 'project']),
        title: name,
        on: z.iso.date(),
        people: z.array(name).max(100),
        organisations: z.array(name).max(50),
      }),
    )
    .max(500),
  /** Kin and where they work. */
  kin: z.array(z.object({ name, employer: name })).max(50),
  /** Shares held, seats on boards. */
  holdings: z.array(organisationShape).max(50),
  /** Money received, with the last day of it. */
  funding: z.array(organisationShape.extend({ to: z.iso.date() })).max(100),
  /** The body that recommended the expert for the pool (推荐单位). */
  recommendedBy: organisationShape.nullish(),
});
/** An expert's own statement. */
export type Expert = z.infer<typeof expertShape>;

/** For how long something that is over still counts. */
export type ConflictTerms = {
  readonly formerEmployerYears: number;
  readonly sharedWorkYears: number;
  readonly fundingYears: number;
};

/** Three years, as review rules for public money commonly have it; each round may say otherwise. */
export const CONFLICT_TERMS_DEFAULT: ConflictTerms = Object.freeze({
  formerEmployerYears: 3,
  sharedWorkYears: 3,
  fundingYears: 3,
});

/**
 * Why an expert may not read a bid (回避): employer, former employer, work in common, kin,
 * holdings, money, one body that recommended both, and what either side declared. A late
 * discovery voids the score and no more.
 */
export function findConflicts(
  expert: Expert,
  bid: BidIdentity,
  { on, terms = CONFLICT_TERMS_DEFAULT }: { readonly on: IsoDate; readonly terms?: ConflictTerms },
): Finding[] {
  const found: Finding[] = [];
  const add = (code: string, facts: Record<string, string>) =>
    void found.push(finding(code, 'error', { facts }));
  const organisations: readonly NamedOrganisation[] = [
    ...bid.members,
    ...bid.people.map(({ employer }) => ({ name: employer, creditCode: null })),
  ];
  const since = (years: number) => addMonths(on, -12 * years);
  const meets = (other: NamedOrganisation) => organisations.find((each) => isSame(each, other));
  const people = new Set(bid.people.map((each) => personKey(each.name)));

  const employer = meets(expert.employer);
  if (employer !== undefined) add('same_employer', { organisation: employer.name });
  if (people.has(personKey(expert.name))) add('named_in_bid', { name: expert.name });
  for (const former of expert.history) {
    const met = former.to >= since(terms.formerEmployerYears) ? meets(former) : undefined;
    if (met !== undefined) add('former_employer', { organisation: met.name, until: former.to });
  }
  for (const work of expert.works.filter(({ on: day }) => day >= since(terms.sharedWorkYears))) {
    const person = work.people.find((each) => people.has(personKey(each)));
    const own = personKey(expert.name);
    if (person !== undefined && personKey(person) !== own) {
      add('shared_work', { title: work.title, with: person, kind: work.kind });
    }
    const named = work.organisations.map((each) => ({ name: each, creditCode: null }));
    const met = named.find((each) => !isSame(each, expert.employer) && meets(each) !== undefined);
    if (met !== undefined)
      add('shared_work', { title: work.title, with: met.name, kind: work.kind });
  }
  for (const { name: kin, employer: place } of expert.kin) {
    const met = meets({ name: place, creditCode: null }) !== undefined;
    if (met || people.has(personKey(kin))) add('kin_in_bid', { organisation: place });
  }
  for (const held of expert.holdings) {
    const met = meets(held);
    if (met !== undefined) add('holding_in_bidder', { organisation: met.name });
  }
  for (const paid of expert.funding) {
    const met = paid.to >= since(terms.fundingYears) ? meets(paid) : undefined;
    if (met !== undefined) add('funded_by_bidder', { organisation: met.name, until: paid.to });
  }
  const { recommendedBy } = bid;
  if (recommendedBy !== null && recommendedBy !== undefined) {
    const facts = { organisation: recommendedBy.name };
    const own = expert.recommendedBy;
    if (isSame(expert.employer, recommendedBy)) add('employed_by_recommender', facts);
    if (own !== null && own !== undefined && isSame(own, recommendedBy)) {
      add('same_recommender', facts);
    }
  }
  const domain = domainOf(expert.email);
  const shared = bid.people.find(({ email }) => domain !== undefined && domainOf(email) === domain);
  if (shared !== undefined && domain !== undefined) add('same_mail_domain', { domain });
  return [...found, ...declaredConflicts(expert, bid)];
}

function declaredConflicts(expert: Expert, bid: BidIdentity): Finding[] {
  const isExpert = (each: { readonly name: string; readonly employer: string }) =>
    personKey(each.name) === personKey(expert.name) &&
    isSame({ name: each.employer, creditCode: null }, expert.employer);
  return [
    ...bid.declared
      .filter(isExpert)
      .map(({ relation }) =>
        finding('declared_relation', 'error', { facts: { relation: relation.slice(0, 120) } }),
      ),
    ...bid.excluded
      .filter(isExpert)
      .map(({ reason }) =>
        finding('excluded_by_bidder', 'error', { facts: { reason: reason.slice(0, 120) } }),
      ),
  ];
}

/** Mail providers that everybody uses say nothing about where somebody works. */
const PUBLIC_MAIL = new Set(
  [
    'qq.com',
    '163.com',
    '126.com',
    'sina.com',
    'sina.cn',
    'sohu.com',
    'foxmail.com',
    '139.com',
  ].concat([
    'gmail.com',
    'outlook.com',
    'hotmail.com',
    'yahoo.com',
    'icloud.com',
    'aliyun.com',
    '189.cn',
  ]),
);

function domainOf(email: string | null): string | undefined {
  const domain = email?.toLowerCase().replace(/^.*@/, '');
  return domain === undefined || domain === '' || PUBLIC_MAIL.has(domain) ? undefined : domain;
}

/** By credit code where both have one; by name otherwise, however it is spaced or written wide. */
export function isSame(one: NamedOrganisation, other: NamedOrganisation): boolean {
  if (one.creditCode !== null && other.creditCode !== null) {
    return one.creditCode === other.creditCode;
  }
  return organisationKey(one.name) === organisationKey(other.name);
}

/** One key for the ways in which one name is written: width, space, brackets, 有限责任公司. */
export function organisationKey(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[\s\p{P}]+/gu, '')
    .replace(/(?:股份有限公司|有限责任公司|有限公司)$/, '公司')
    .replace(/(?:coltd|limited|ltd|inc|llc)$/, '');
}

function personKey(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[\s·•.]+/g, '');
}
