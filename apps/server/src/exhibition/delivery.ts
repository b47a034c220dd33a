import {
  decodeText,
  type Delivery,
  FEED_FORMAT,
  type Mapping,
  readCsvDelivery,
  readDelivery,
  readFeed,
  totalsOf,
} from '@yinglian/boxoffice';
import { accepted, finding, type Outcome, refused } from '@yinglian/core';
import { looksLikeWorkbook, readWorkbook } from '@yinglian/host';

export type ReadDelivery = Delivery & {
  /** `gb18030`, `utf-8` …; null for a workbook. */
  readonly encoding: string | null;
  /** The first rows as text, for the preview. */
  readonly sample: readonly (readonly string[])[];
};

const SAMPLE_ROWS = 20;

/** A box-office file of any kind that senders use, understood as far as it can be. */
export async function readBoxOfficeFile(
  bytes: Uint8Array,
  options: {
    readonly mapping?: Mapping | undefined;
    readonly policy: 'all_or_nothing' | 'quarantine';
  },
): Promise<Outcome<ReadDelivery>> {
  const deliveryOptions = {
    policy: options.policy,
    ...(options.mapping === undefined ? {} : { mapping: options.mapping }),
  };
  if (looksLikeWorkbook(bytes)) {
    const workbook = await readWorkbook(bytes);
    if (!workbook.ok) return workbook;
    const delivery = readDelivery(workbook.value, deliveryOptions);
    if (!delivery.ok) return delivery;
    return accepted(
      { ...delivery.value, encoding: null, sample: sampleOf(delivery.value) },
      delivery.findings,
    );
  }
  if (isFeed(bytes)) return readFeedFile(bytes);
  const delivery = readCsvDelivery(bytes, deliveryOptions);
  if (!delivery.ok) return delivery;
  const { text, ...rest } = delivery.value;
  return accepted({ ...rest, encoding: text.encoding, sample: sampleOf(rest) }, delivery.findings);
}

/** A feed says in its first line what it is. */
function isFeed(bytes: Uint8Array): boolean {
  const head = new TextDecoder().decode(bytes.subarray(0, 256)).replace(/^\ufeff/, '');
  return head.startsWith('{') && head.includes(`"${FEED_FORMAT}"`);
}

function readFeedFile(bytes: Uint8Array): Outcome<ReadDelivery> {
  const text = decodeText(bytes, 'utf-8');
  if (!text.ok) return text;
  const feed = readFeed(text.value.text);
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
  const findings = feed.findings;
  const delivery = { mapping, records, quarantined: [], findings, totals: totalsOf(records) };
  return accepted({ ...delivery, encoding: 'utf-8', sample: sampleOf(delivery) }, findings);
}

function sampleOf(delivery: Delivery): string[][] {
  return [...delivery.records, ...delivery.quarantined]
    .toSorted((a, b) => a.sourceRow - b.sourceRow)
    .slice(0, SAMPLE_ROWS)
    .map((row) => [...row.raw]);
}
