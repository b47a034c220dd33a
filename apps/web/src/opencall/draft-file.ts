import type { Bid } from '@yinglian/opencall';

/** A bid that nobody has written yet; the organisation leads it alone until others are added. */
export function blankBid(name: string, creditCode: string | null): Bid {
  return {
    identity: {
      members: [{ name, creditCode, role: 'lead', share: '100%' }],
      people: [],
      aliases: [],
      excluded: [],
      declared: [],
    },
    proposal: {
      title: '',
      summary: '',
      approach: '',
      risks: '',
      milestones: [],
      requestedFen: '',
      ownFen: '0',
    },
    integrity: true,
  };
}

/** One row of every list in a bid, so that a half-written file still has its form. */
const ROWS: Readonly<Record<string, unknown>> = {
  members: { name: '', creditCode: null, role: 'partner', share: '' },
  people: { name: '', employer: '', email: null },
  aliases: '',
  excluded: { name: '', employer: '', reason: '' },
  declared: { name: '', employer: '', relation: '' },
  milestones: { code: '', title: '', due: '', share: '', indicators: [] },
  indicators: {
    code: '',
    name: '',
    unit: '',
    operator: 'at_least',
    threshold: '',
    upper: null,
    method: '',
  },
};
const ROWS_MAX = 200;

/** What a draft file holds in the form of a bid; whatever has another form is left out. */
export function draftOf(value: unknown, blank: Bid): Bid {
  return fit(blank, value, '') as Bid;
}

function fit(model: unknown, value: unknown, name: string): unknown {
  if (Array.isArray(model)) {
    if (!Array.isArray(value)) return model;
    const row = ROWS[name];
    return value.slice(0, ROWS_MAX).map((each) => fit(row, each, ''));
  }
  if (typeof model === 'object' && model !== null) {
    const given = typeof value === 'object' && value !== null ? value : {};
    return Object.fromEntries(
      Object.entries(model).map(([key, own]) => [
        key,
        Object.hasOwn(given, key) ? fit(own, (given as Record<string, unknown>)[key], key) : own,
      ]),
    );
  }
  // What may be left open is text or null.
  if (model === null) return typeof value === 'string' ? value : null;
  return typeof value === typeof model ? value : model;
}
