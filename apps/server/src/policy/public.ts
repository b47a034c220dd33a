import { finding } from '@yinglian/core';
import { nodeCryptography } from '@yinglian/host';
import {
  type GivenFacts,
  type Instrument,
  makeReceipt,
  matchItems,
  nextQuestion,
  openBook,
  receiptText,
  replayReceipt,
} from '@yinglian/policy';
import { afterInstant, pageOf, type PageQuery } from '../kernel/pages.ts';
import { found, invalid } from '../kernel/refusal.ts';
import { type PolicyParts, todayOf } from './parts.ts';
import { listNotices, readDecisions, tables } from './repository.ts';
import { instrumentKnownOn, listInstruments } from './instruments/store.ts';
import { instrumentView, matchView } from './views.ts';

/** The day of the event, and the day whose knowledge is asked for; today where left out. */
type Days = {
  readonly eventDate?: string | undefined;
  readonly knownOn?: string | undefined;
};
type Question = Days & { readonly facts: GivenFacts };

export type PublicService = ReturnType<typeof createPublicService>;

/** What anybody may ask without signing in; nothing of it is kept. */
export function createPublicService(parts: PolicyParts) {
  const { database } = parts;
  /** Everything that was known at the end of a day: versions of rules, decisions, readings. */
  const groundOf = async (code: string, { eventDate, knownOn }: Days = {}) => {
    const today = todayOf(parts);
    if (knownOn !== undefined && knownOn > today) {
      const facts = { minimum: '', maximum: today };
      throw invalid(finding('invalid_value', 'error', { facts, at: { field: 'knownOn' } }));
    }
    const known = knownOn ?? today;
    return {
      instrument: await instrumentKnownOn(database, code, known),
      decisions: await readDecisions(database, code),
      eventDate: eventDate ?? known,
      knownOn: known,
    };
  };
  const book = async (code: string, days?: Days) => {
    const { instrument, ...at } = await groundOf(code, days);
    return openBook(instrument, at);
  };

  return {
    async instruments() {
      const rows = [];
      for (const { code } of await listInstruments(database)) {
        rows.push(instrumentView(await book(code)));
      }
      return { rows };
    },

    async instrument(code: string, days: Days) {
      return instrumentView(await book(code, days));
    },

    async calculate(code: string, { facts, ...days }: Question) {
      const opened = await book(code, days);
      const matches = matchItems(opened, facts);
      return {
        matches: matches.map((each) => matchView(opened, each)),
        ask: nextQuestion(matches),
      };
    },

    async receipt(code: string, item: string, { facts, ...days }: Question) {
      const ground = await groundOf(code, days);
      found(
        ground.instrument.rules.find((each) => each.item === item),
        { item },
      );
      const claim = { item, appliedOn: null, facts };
      const receipt = makeReceipt(nodeCryptography, 'bound', { ...ground, claim });
      return { receipt: JSON.parse(receiptText(receipt)) as unknown };
    },

    replay(receipt: unknown) {
      const replayed = replayReceipt(nodeCryptography, JSON.stringify(receipt ?? null));
      return { valid: replayed.ok, findings: replayed.findings };
    },

    async departments() {
      const rows = await tables(database)
        .selectFrom('policy.department')
        .select(['organisation_id as id', 'name'])
        .orderBy('name')
        .execute();
      return { rows };
    },

    async notices(query: PageQuery) {
      const after = afterInstant(query);
      const rows = await listNotices(database, { after, limit: query.limit });
      const instruments = await listInstruments(database);
      return pageOf(
        rows,
        query,
        (row) => [row.sort_key, row.claimId],
        (row) => noticeView(instruments, row),
      );
    },
  };
}

function noticeView(
  instruments: readonly Instrument[],
  row: Awaited<ReturnType<typeof listNotices>>[number],
) {
  const { claimId, callTitle, applicant, item, grantFen, from, until } = row;
  const { rules } = instruments.find(({ code }) => code === row.instrument)!;
  const { title } = rules.findLast((each) => each.item === item)!;
  // The published fields, one by one: nothing else of a claim is public.
  return { claimId, callTitle, applicant, item, title, grantFen, from, until };
}
