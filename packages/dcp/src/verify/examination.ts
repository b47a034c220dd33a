import type { ByteSource, Cryptography, Finding, Uuid } from '@yinglian/core';
import type { WorkOptions } from '../ports.ts';
import { type AssetContext, type AssetFile, examineAsset, type KnownAsset } from './assets.ts';
import { FindingCollector } from './findings.ts';
import { asksLoudness, type Profile } from './profile.ts';
import type { Checked } from './report.ts';

/** Which asset is examined, and by what: plain data, so that another thread can be asked. */
export type AssetOrder = {
  readonly file: AssetFile;
  readonly profile: Profile;
  /** Whether the rules of Bv2.1 count. */
  readonly bv21: boolean;
  readonly keys: ReadonlyMap<Uuid, Uint8Array> | undefined;
};

/** What was found out about one asset, apart from every other: plain data as well. */
export type ExaminedAsset = {
  readonly known: KnownAsset;
  readonly findings: readonly Finding[];
  readonly droppedFindings: number;
  readonly checked: Checked;
};

/** Who examines track files, several at once; what comes of it is the same as alone. */
export type AssetExaminer = {
  /** How many files are worth beginning before the first is done. */
  readonly parallel: number;
  examine(source: ByteSource, order: AssetOrder, watch: WorkOptions): Promise<ExaminedAsset>;
};

/** Nothing looked at yet. */
export const noneChecked = (): Checked => ({
  files: 0,
  bytes: 0,
  hashes: 0,
  frames: 0,
  signatures: 0,
  integrityCodes: 0,
  timedTexts: 0,
});

/** How one asset is looked at. */
export type AssetLook = (
  source: ByteSource,
  file: AssetFile,
  context: AssetContext,
) => Promise<KnownAsset>;

/** Examines one asset in this thread. */
export async function examineAlone(
  source: ByteSource,
  order: AssetOrder,
  cryptography: Cryptography,
  watch: WorkOptions & Partial<Pick<AssetContext, 'sizeOf'>> & { readonly look?: AssetLook } = {},
): Promise<ExaminedAsset> {
  const collector = new FindingCollector(order.profile);
  collector.bv21 = order.bv21;
  const checked = noneChecked();
  const { look = examineAsset, sizeOf = () => undefined, ...work } = watch;
  const { keys, file } = order;
  const measure = asksLoudness(order.profile);
  const context: AssetContext = {
    ...work,
    collector,
    checked,
    cryptography,
    keys,
    sizeOf,
    measure,
  };
  const known = await look(source, file, context);
  return { known, findings: collector.all(), droppedFindings: collector.dropped, checked };
}

/**
 * Begins work on several items at once and takes the results in the order of the items, whichever
 * is done first. What one of them throws is thrown in its turn, when no other is under way.
 */
export async function inTheirOrder<Item, Result>(
  items: readonly Item[],
  parallel: number,
  begin: (item: Item) => Promise<Result>,
  take: (item: Item, result: Result) => void,
): Promise<void> {
  const ahead: { readonly item: Item; readonly result: Promise<Result> }[] = [];
  const takeFirst = async () => {
    const { item, result } = ahead[0]!;
    take(item, await result);
    ahead.shift();
  };
  try {
    for (const item of items) {
      const result = begin(item);
      // It is waited for in its turn; until then its fault must not count as nobody's.
      result.catch(() => undefined);
      ahead.push({ item, result });
      if (ahead.length >= parallel) await takeFirst();
    }
    while (ahead.length > 0) await takeFirst();
  } finally {
    await Promise.allSettled(ahead.map(({ result }) => result));
  }
}
