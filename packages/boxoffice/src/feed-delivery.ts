import { accepted, finding, type Outcome, refused } from '@yinglian/core';
import { type Delivery, totalsOf } from './delivery.ts';
import { decodeText } from './encoding.ts';
import { FEED_FORMAT, readFeed } from './feed.ts';
import type { Mapping } from './mapping.ts';

/** Bytes in which a feed has said what it is. */
const HEAD_BYTES = 256;

/** Whether a file is a feed: it says so in its first line. */
export function isFeed(bytes: Uint8Array): boolean {
  const head = String.fromCharCode(...bytes.subarray(0, HEAD_BYTES)).replace(/^\xef\xbb\xbf/, '');
  return head.startsWith('{') && head.includes(`"${FEED_FORMAT}"`);
}

/** A feed from its bytes, in the shape of every other delivery. */
export function readFeedDelivery(
  bytes: Uint8Array,
  options: { readonly cinemaCode?: string } = {},
): Outcome<Delivery> {
  const text = decodeText(bytes, 'utf-8');
  if (!text.ok) return text;
  const feed = readFeed(text.value.text, options);
  if (!feed.ok) return feed;
  const { records, header } = feed.value;
  if (records.length === 0) return refused(finding('empty_delivery', 'error'));
  const mapping: Mapping = {
    format: 'yinglian-mapping/1',
    name: header.source,
    level: header.level,
    columns: {},
    moneyUnit: 'fen',
    rateUnit: 'fraction',
  };
  const { findings } = feed;
  const totals = totalsOf(records);
  const delivery = { mapping, headings: [], records, quarantined: [], findings, totals };
  return accepted(delivery, findings);
}
