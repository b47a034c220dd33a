import {
  type Delivery,
  isFeed,
  likelyHeadings,
  type Mapping,
  readCsvDelivery,
  readDelivery,
  readFeedDelivery,
  type SheetRow,
} from '@yinglian/boxoffice';
import { accepted, type Finding, type Outcome } from '@yinglian/core';
import { looksLikeWorkbook, readWorkbook } from '@yinglian/host';
import { readSheetFile } from '../kernel/sheets.ts';

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
    /** The one cinema that the file comes from, where rows name none. */
    readonly cinemaCode?: string | undefined;
  },
): Promise<Outcome<ReadDelivery>> {
  const deliveryOptions = {
    policy: options.policy,
    ...(options.mapping === undefined ? {} : { mapping: options.mapping }),
    ...(options.cinemaCode === undefined ? {} : { cinemaCode: options.cinemaCode }),
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
  if (isFeed(bytes)) {
    const feed = readFeedDelivery(bytes, deliveryOptions);
    if (!feed.ok) return feed;
    const { value, findings } = feed;
    return accepted({ ...value, encoding: 'utf-8', sample: sampleOf(value) }, findings);
  }
  const delivery = readCsvDelivery(bytes, deliveryOptions);
  if (!delivery.ok) return delivery;
  const { text, ...rest } = delivery.value;
  return accepted({ ...rest, encoding: text.encoding, sample: sampleOf(rest) }, delivery.findings);
}

/** Why a file was not understood, with its headings, so that somebody can say what they mean. */
export async function withHeadings(
  findings: readonly Finding[],
  bytes: Uint8Array,
): Promise<Finding[]> {
  const sheet = await readSheetFile(bytes);
  const headings = sheet.ok ? likelyHeadings(sheet.value as readonly SheetRow[]) : [];
  return findings.map((each, index) =>
    index === 0 && headings.length > 0 ? { ...each, facts: { ...each.facts, headings } } : each,
  );
}

function sampleOf(delivery: Delivery): string[][] {
  return [...delivery.records, ...delivery.quarantined]
    .toSorted((a, b) => a.sourceRow - b.sourceRow)
    .slice(0, SAMPLE_ROWS)
    .map((row) => [...row.raw]);
}
