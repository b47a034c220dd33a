import { nodeCryptography } from '@yinglian/host';
import {
  type GivenFacts,
  makeReceipt,
  matchItems,
  nextQuestion,
  receiptText,
  replayReceipt,
} from '@yinglian/policy';
import type { Queryable } from '../kernel/database/database.ts';
import { found } from '../kernel/refusal.ts';
import { bookOf, type PolicyParts, todayOf } from './parts.ts';
import { listNotices, readDecisions } from './repository.ts';
import { instrumentOf, INSTRUMENTS, instrumentView, matchView } from './views.ts';

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
      for (const { code } of INSTRUMENTS) rows.push(instrumentView(await book(code)));
      return { rows };
    },

    async instrument(code: string) {
      return instrumentView(await book(code));
    },

    async calculate(code: string, { facts, eventDate }: Question) {
      const matches = matchItems(await book(code, eventDate), facts);
      return { matches: matches.map(matchView), ask: nextQuestion(matches) };
    },

    async receipt(code: string, item: string, { facts, eventDate }: Question) {
      const instrument = instrumentOf(code);
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

    async notices() {
      return { rows: await noticesOf(database) };
    },
  };
}

async function noticesOf(database: Queryable) {
  const rows = await listNotices(database);
  return rows.map(({ instrument, ...row }) => {
    const { rules } = instrumentOf(instrument);
    const { title } = rules.find((each) => each.item === row.item)!;
    return { ...row, title };
  });
}
