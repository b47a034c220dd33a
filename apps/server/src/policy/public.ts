import { nodeCryptography } from '@yinglian/host';
import {
  type GivenFacts,
  type Instrument,
  makeReceipt,
  matchItems,
  nextQuestion,
  receiptText,
  replayReceipt,
} from '@yinglian/policy';
import { afterInstant, pageOf, type PageQuery } from '../kernel/pages.ts';
import { found } from '../kernel/refusal.ts';
import { bookOf, type PolicyParts, todayOf } from './parts.ts';
import { listNotices, readDecisions, tables } from './repository.ts';
import { instrumentOf, listInstruments } from './instruments/store.ts';
import { instrumentView, matchView } from './views.ts';

type Question = { readonly facts: GivenFacts; readonly eventDate?: string | undefined };

export type PublicService = ReturnType<typeof createPublicService>;

/** What anybody may ask without signing in; nothing of it is kept. */
export function createPublicService(parts: PolicyParts) {
  const { database } = parts;
  const book = (code: string, eventDate?: string) => {
    const today = todayOf(parts);
    return bookOf(database, code, { eventDate: eventDate ?? today, knownOn: today });
  };

  return {
    async instruments() {
      const rows = [];
      for (const { code } of await listInstruments(database)) {
        rows.push(instrumentView(await book(code)));
      }
      return { rows };
    },

    async instrument(code: string, eventDate?: string) {
      return instrumentView(await book(code, eventDate));
    },

    async calculate(code: string, { facts, eventDate }: Question) {
      const opened = await book(code, eventDate);
      const matches = matchItems(opened, facts);
      return {
        matches: matches.map((each) => matchView(opened, each)),
        ask: nextQuestion(matches),
      };
    },

    async receipt(code: string, item: string, { facts, eventDate }: Question) {
      const instrument = await instrumentOf(database, code);
      found(
        instrument.rules.find((each) => each.item === item),
        { item },
      );
      const today = todayOf(parts);
      const receipt = makeReceipt(nodeCryptography, 'bound', {
        instrument,
        decisions: await readDecisions(database, code),
        eventDate: eventDate ?? today,
        knownOn: today,
        claim: { item, appliedOn: null, facts },
      });
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
  { instrument, sort_key: _, ...row }: Awaited<ReturnType<typeof listNotices>>[number],
) {
  const { rules } = instruments.find(({ code }) => code === instrument)!;
  const { title } = rules.findLast((each) => each.item === row.item)!;
  return { ...row, title };
}
