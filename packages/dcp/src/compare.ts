import {
  type Cryptography,
  digest,
  equalBytes,
  type Finding,
  finding,
  type FolderReader,
  type Place,
  type Uuid,
} from '@yinglian/core';
import { isAssetMapPath, readAssetMap } from './documents/asset-map.ts';
import { joinVolumes } from './volumes.ts';
import { readComposition } from './documents/composition.ts';
import { type Composition, playedFrames, type ReelAsset } from './documents/model.ts';
import { readDocument } from './documents/reading.ts';
import { openTrackFile, type TrackFile } from './mxf/reader.ts';
import { FrameFault, plainFrames } from './mxf/unwrap.ts';
import type { WorkOptions } from './ports.ts';
import { assetPath } from './verify/mapping.ts';

/** What a comparison needs, and how deep it goes. */
export type CompareOptions = WorkOptions & {
  readonly cryptography: Cryptography;
  /** Keys by key id, of both sides. */
  readonly keys?: ReadonlyMap<Uuid, Uint8Array>;
  /** Whether essence is compared frame by frame; it is unless told. */
  readonly essence?: boolean;
};

/** Differences beyond this are not told one by one. */
const FRAME_DIFFERENCES_MAX = 1;

/**
 * Compares what two packages play: compositions by order, reels, assets, and essence frame by frame
 * after decryption. Ids, dates, makers and encryption may differ. Nothing: they play the same.
 */
export async function comparePackages(
  left: FolderReader,
  right: FolderReader,
  options: CompareOptions,
): Promise<readonly Finding[]> {
  const [a, b] = [await openPackage(left), await openPackage(right)];
  const findings: Finding[] = [];
  for (const [side, each] of [
    ['a', a],
    ['b', b],
  ] as const) {
    if (each.compositions.length > 0) continue;
    const { mapPath } = each;
    findings.push(
      mapPath === undefined
        ? finding('missing_asset_map', 'error', { at: { side } })
        : finding('missing_composition', 'error', { at: { side, file: mapPath } }),
    );
  }
  if (findings.length > 0) return findings;
  const count = Math.max(a.compositions.length, b.compositions.length);
  for (let i = 0; i < count; i++) {
    const [one, other] = [a.compositions[i], b.compositions[i]];
    if (one === undefined || other === undefined) {
      findings.push(
        finding('missing_counterpart', 'error', {
          facts: { item: `composition ${one?.title ?? other!.title}` },
        }),
      );
      continue;
    }
    findings.push(...(await compareCompositions(one, other, a, b, options)));
  }
  return findings;
}

type OpenPackage = {
  readonly folder: FolderReader;
  readonly mapPath: string | undefined;
  readonly paths: ReadonlyMap<Uuid, string>;
  readonly compositions: readonly Composition[];
};

async function openPackage(given: FolderReader): Promise<OpenPackage> {
  const { folder } = await joinVolumes(given);
  const paths = new Map<Uuid, string>();
  const compositions: Composition[] = [];
  let mapPath: string | undefined;
  for (const { path } of await folder.list()) {
    if (!isAssetMapPath(path)) continue;
    const bytes = await readDocument(folder, path);
    const map = bytes === undefined ? undefined : readAssetMap(bytes, path);
    if (map?.ok !== true) continue;
    mapPath = path;
    const base = path.slice(0, path.lastIndexOf('/') + 1);
    for (const asset of map.value.assets) {
      const at = assetPath(base, asset.chunks[0]?.path ?? '');
      if (at !== undefined) paths.set(asset.id, at);
    }
  }
  for (const path of paths.values()) {
    if (!/\.xml$/i.test(path)) continue;
    const bytes = await readDocument(folder, path);
    const outcome = bytes === undefined ? undefined : readComposition(bytes, path);
    if (outcome?.ok === true) compositions.push(outcome.value.model);
  }
  compositions.sort((a, b) => (a.title < b.title ? -1 : 1));
  return { folder, mapPath, paths, compositions };
}

function differ(item: string, left: unknown, right: unknown, at: Place): Finding[] {
  if (left === right) return [];
  return [
    finding('mismatched_content', 'error', {
      facts: { item, left: String(left), right: String(right) },
      at,
    }),
  ];
}

async function compareCompositions(
  a: Composition,
  b: Composition,
  left: OpenPackage,
  right: OpenPackage,
  options: CompareOptions,
): Promise<Finding[]> {
  const findings = [
    ...differ('title', a.title, b.title, {}),
    ...differ('content kind', a.contentKind.value, b.contentKind.value, {}),
    ...differ('reels', a.reels.length, b.reels.length, {}),
  ];
  for (let i = 0; i < Math.min(a.reels.length, b.reels.length); i++) {
    const [one, other] = [a.reels[i]!, b.reels[i]!];
    const at: Place = { reel: i + 1 };
    const markers = (reel: typeof one) => JSON.stringify(reel.markers?.markers ?? []);
    findings.push(...differ('markers', markers(one), markers(other), at));
    const kinds = [...new Set([...one.assets, ...other.assets].map((asset) => asset.kind))];
    for (const kind of kinds) {
      const [xs, ys] = [one, other].map((reel) =>
        reel.assets.filter((asset) => asset.kind === kind),
      );
      findings.push(...differ(`assets of kind ${kind}`, xs!.length, ys!.length, at));
      for (let n = 0; n < Math.min(xs!.length, ys!.length); n++) {
        findings.push(
          ...(await compareAssets(xs![n]!, ys![n]!, left, right, { ...at, kind }, options)),
        );
      }
    }
  }
  return findings;
}

async function compareAssets(
  a: ReelAsset,
  b: ReelAsset,
  left: OpenPackage,
  right: OpenPackage,
  at: Place,
  options: CompareOptions,
): Promise<Finding[]> {
  const findings = [
    ...differ(
      'edit rate',
      `${a.editRate.numerator}/${a.editRate.denominator}`,
      `${b.editRate.numerator}/${b.editRate.denominator}`,
      at,
    ),
    ...differ('frames', playedFrames(a), playedFrames(b), at),
    ...differ('language', a.language, b.language, at),
  ];
  // The same file on both sides needs no second look.
  if (options.essence === false || (a.hash !== undefined && a.hash === b.hash)) return findings;
  const [one, other] = [await openAsset(left, a.id), await openAsset(right, b.id)];
  try {
    if (one === undefined || other === undefined) {
      if (one !== other)
        findings.push(finding('missing_counterpart', 'error', { facts: { item: a.kind }, at }));
      return findings;
    }
    findings.push(...(await compareEssence(one, other, a, b, at, options)));
    return findings;
  } finally {
    await one?.source.close?.();
    await other?.source.close?.();
  }
}

async function openAsset(side: OpenPackage, id: Uuid): Promise<TrackFile | undefined> {
  const path = side.paths.get(id);
  const source = path === undefined ? undefined : await side.folder.open(path);
  if (source === undefined) return undefined;
  const outcome = await openTrackFile(source);
  if (outcome.ok) return outcome.value;
  await source.close?.();
  return undefined;
}

async function compareEssence(
  one: TrackFile,
  other: TrackFile,
  a: ReelAsset,
  b: ReelAsset,
  at: Place,
  options: CompareOptions,
): Promise<Finding[]> {
  const read = (file: TrackFile, asset: ReelAsset) => {
    const keyId = file.info.encryption?.keyId;
    const key = keyId === undefined ? undefined : options.keys?.get(keyId);
    return plainFrames(file, {
      cryptography: options.cryptography,
      from: asset.entryPoint ?? 0,
      count: playedFrames(asset),
      ...(key === undefined ? {} : { key }),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
  };
  const findings: Finding[] = [];
  const [xs, ys] = [read(one, a), read(other, b)];
  try {
    for (let frame = 0; ; frame++) {
      const [x, y] = [await xs.next(), await ys.next()];
      if (x.done === true || y.done === true) {
        if (x.done !== y.done)
          findings.push(
            finding('missing_counterpart', 'error', {
              facts: { item: 'frame' },
              at: { ...at, frame },
            }),
          );
        return findings;
      }
      options.onProgress?.({
        stage: 'verify',
        file: a.id,
        done: frame + 1,
        total: playedFrames(a),
        unit: 'frames',
      });
      if (equalBytes(x.value, y.value)) continue;
      findings.push(
        finding('mismatched_content', 'error', {
          facts: {
            item: 'frame',
            left: hashText(x.value, options),
            right: hashText(y.value, options),
          },
          at: { ...at, frame },
        }),
      );
      if (findings.length >= FRAME_DIFFERENCES_MAX) return findings;
    }
  } catch (error) {
    if (error instanceof FrameFault)
      return [...findings, { ...error.finding, at: { ...at, ...error.finding.at } }];
    throw error;
  } finally {
    await xs.return(undefined);
    await ys.return(undefined);
  }
}

function hashText(bytes: Uint8Array, { cryptography }: CompareOptions): string {
  return [...digest(cryptography, 'sha1', bytes).subarray(0, 6)]
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('');
}
