import {
  accepted,
  type Finding,
  finding,
  type FolderReader,
  type FolderWriter,
  type Outcome,
  refused,
  type Uuid,
  uuidFromRandom,
  uuidUrn,
} from '@yinglian/core';
import type {
  AssetMap,
  Composition,
  MarkerAsset,
  PackingList,
  Reel,
  ReelAsset,
  ReelAssetKind,
} from '../documents/model.ts';
import { playedFrames } from '../documents/model.ts';
import type { WorkOptions } from '../ports.ts';
import {
  type BuiltFile,
  type BuiltTrack,
  buildTrack,
  type ContentKey,
  drawTrack,
  type TrackDraw,
  type Workshop,
} from './assets.ts';
import { writeComposition, writeLists } from './documents-out.ts';
import { compositionMetadata } from './metadata.ts';
import type { BuildPorts, EssenceSources, PackagePlan, ReelPlan, TrackPlan } from './plan.ts';

/** A package as it now lies in its folder, with the keys it was encrypted with. */
export type BuiltPackage = {
  readonly composition: Composition;
  readonly packingList: PackingList;
  readonly assetMap: AssetMap;
  /** Every file that was written, the documents last. */
  readonly files: readonly BuiltFile[];
  /** Keys of encrypted track files; empty otherwise. */
  readonly keys: readonly ContentKey[];
};

/** Progress, cancelling and resuming of a build. */
export type BuildOptions = WorkOptions & {
  /** Takes whole track files of an earlier run with the same plan and seed as they are. */
  readonly resume?: boolean;
};

type TrackSlot = {
  readonly kind: ReelAssetKind;
  readonly track: TrackPlan;
  readonly language: string | undefined;
  readonly draw: TrackDraw;
};

/**
 * Builds a package into a folder: track files, CPL, PKL, ASSETMAP and VOLINDEX, signed when the
 * ports have a signer. Essence is streamed; nothing larger than a frame is held.
 *
 * Refused, before anything is written: a source that is not given, encryption without a signer, no
 * reel. Refused on the way: essence that is not what it should be, assets shorter than their reel.
 */
export async function buildPackage(
  plan: PackagePlan,
  sources: EssenceSources,
  folder: FolderReader & FolderWriter,
  ports: BuildPorts,
  options: BuildOptions = {},
): Promise<Outcome<BuiltPackage>> {
  const faults = checkPlan(plan, sources, ports);
  if (faults.length > 0) return refused(...faults);
  const shop: Workshop = { plan, standard: plan.standard ?? 'smpte', folder, ports, options };
  // Chance is drawn in a fixed order before any work, so that resuming finds the same ids.
  const ids = drawIds(plan, ports);
  const findings: Finding[] = [];
  const built: BuiltTrack[] = [];
  const reels: Reel[] = [];
  for (const [index, reelPlan] of plan.reels.entries()) {
    const drawn = ids.reels[index]!;
    const tracks: (BuiltTrack | { asset: ReelAsset; info: undefined })[] = [];
    for (const slot of drawn.slots) {
      if ('existing' in slot.track) {
        tracks.push({ asset: slot.track.existing, info: undefined });
        continue;
      }
      const outcome = await buildTrack(
        shop,
        slot.kind,
        sources[slot.track.source]!,
        slot.draw,
        slot.language,
      );
      if (!outcome.ok) return outcome;
      findings.push(...outcome.findings);
      const { entryPoint, duration } = slot.track;
      const track: BuiltTrack = {
        ...outcome.value,
        asset: {
          ...outcome.value.asset,
          ...(entryPoint === undefined ? {} : { entryPoint }),
          ...(duration === undefined ? {} : { duration }),
        },
      };
      built.push(track);
      tracks.push(track);
    }
    const reel = composeReel(shop, reelPlan, index, drawn, tracks);
    if (!reel.ok) return reel;
    reels.push(reel.value);
  }
  const documents = await writeDocuments(shop, ids, reels, built);
  return accepted(
    {
      ...documents,
      files: [...built.flatMap((track) => [track.file, ...track.others]), ...documents.files],
      keys: built.flatMap((track) => (track.key === undefined ? [] : [track.key])),
    },
    findings,
  );
}

function checkPlan(plan: PackagePlan, sources: EssenceSources, ports: BuildPorts): Finding[] {
  const findings: Finding[] = [];
  if (plan.reels.length === 0) findings.push(finding('empty_reel_list', 'error'));
  if (plan.encrypted === true && ports.signer === undefined) {
    findings.push(finding('missing_signer', 'error', { clause: 'DCSS 1.4.4 5.3.4.7' }));
  }
  for (const [index, reel] of plan.reels.entries()) {
    const tracks = trackPlans(reel);
    if (tracks.length === 0)
      findings.push(finding('empty_reel', 'error', { at: { reel: index + 1 } }));
    for (const { track } of tracks) {
      if ('source' in track && sources[track.source] === undefined) {
        findings.push(
          finding('missing_source', 'error', {
            facts: { source: track.source },
            at: { reel: index + 1 },
          }),
        );
      }
    }
  }
  return findings;
}

function trackPlans(reel: ReelPlan): Omit<TrackSlot, 'draw'>[] {
  const slots: Omit<TrackSlot, 'draw'>[] = [];
  const add = (
    kind: ReelAssetKind,
    track: (TrackPlan & { language?: string }) | undefined,
  ): void => {
    if (track !== undefined) slots.push({ kind, track, language: track.language });
  };
  add('picture', reel.picture);
  add('sound', reel.sound);
  add('subtitle', reel.subtitle);
  for (const caption of reel.openCaptions ?? []) add('caption', caption);
  for (const caption of reel.closedCaptions ?? []) add('closed_caption', caption);
  for (const subtitle of reel.closedSubtitles ?? []) add('closed_subtitle', subtitle);
  add('auxiliary_data', reel.auxiliaryData);
  return slots;
}

type DrawnIds = {
  readonly composition: Uuid;
  readonly packingList: Uuid;
  readonly assetMap: Uuid;
  readonly version: Uuid;
  readonly reels: readonly {
    readonly id: Uuid;
    readonly markers: Uuid;
    readonly metadata: Uuid;
    readonly slots: readonly TrackSlot[];
  }[];
};

function drawIds(plan: PackagePlan, ports: BuildPorts): DrawnIds {
  const id = () => uuidFromRandom(ports.random(16));
  return {
    composition: id(),
    packingList: id(),
    assetMap: id(),
    version: id(),
    reels: plan.reels.map((reel) => ({
      id: id(),
      markers: id(),
      metadata: id(),
      slots: trackPlans(reel).map((slot) => ({ ...slot, draw: drawTrack(ports) })),
    })),
  };
}

/** All assets of a reel play as long as its picture; a longer one is cut, a shorter one refused. */
function composeReel(
  shop: Workshop,
  plan: ReelPlan,
  index: number,
  ids: DrawnIds['reels'][number],
  tracks: readonly { asset: ReelAsset; info: BuiltTrack['info'] }[],
): Outcome<Reel> {
  const leading = tracks[0]!.asset;
  const frames = playedFrames(leading);
  const assets: ReelAsset[] = [];
  for (const { asset } of tracks) {
    const available = asset.intrinsicDuration - (asset.entryPoint ?? 0);
    if (available < frames) {
      return refused(
        finding('insufficient_duration', 'error', {
          facts: { frames: available, expected: frames, kind: asset.kind },
          at: { reel: index + 1, asset: asset.id },
          clause: 'ST 429-7:2006 8.3',
        }),
      );
    }
    assets.push({ ...asset, entryPoint: asset.entryPoint ?? 0, duration: frames });
  }
  const { standard } = shop;
  return accepted({
    id: ids.id,
    annotation: plan.annotation,
    assets,
    markers: standard === 'smpte' ? markerAsset(shop, plan, index, ids.markers, frames) : undefined,
    // RDD 52:2020 8.2: the metadata stands in the first reel.
    metadata:
      standard === 'smpte' && index === 0
        ? compositionMetadata(shop.plan, ids.metadata, frames, tracks)
        : undefined,
  });
}

/** RDD 52:2020 8.6: FFOC is 1 in the first reel, LFOC the last frame of the last reel. */
function markerAsset(
  shop: Workshop,
  plan: ReelPlan,
  index: number,
  id: Uuid,
  frames: number,
): MarkerAsset | undefined {
  const markers = [...(plan.markers ?? [])];
  const has = (label: string) => markers.some((marker) => marker.label === label);
  if (index === 0 && !has('FFOC')) markers.push({ label: 'FFOC', offset: 1 });
  if (index === shop.plan.reels.length - 1 && !has('LFOC')) {
    markers.push({ label: 'LFOC', offset: frames - 1 });
  }
  if (markers.length === 0) return undefined;
  markers.sort((a, b) => a.offset - b.offset);
  return { id, editRate: shop.plan.editRate, intrinsicDuration: frames, markers };
}

function composeComposition(
  { plan, standard, ports }: Workshop,
  ids: DrawnIds,
  reels: readonly Reel[],
): Composition {
  const version = plan.contentVersion;
  // Interop knows no ContentVersion, though many write it.
  const unversioned = standard === 'interop' && version === undefined;
  return {
    standard,
    id: ids.composition,
    annotation: plan.title,
    issueDate: plan.issueDate,
    issuer: plan.issuer,
    creator: plan.creator,
    title: plan.title,
    contentKind: plan.contentKind,
    contentVersion: unversioned
      ? undefined
      : { id: version?.id ?? uuidUrn(ids.version), label: version?.label ?? plan.title },
    ratings: plan.ratings ?? [],
    reels,
    signed: ports.signer !== undefined,
  };
}

async function writeDocuments(
  shop: Workshop,
  ids: DrawnIds,
  reels: readonly Reel[],
  tracks: readonly BuiltTrack[],
): Promise<Pick<BuiltPackage, 'composition' | 'packingList' | 'assetMap' | 'files'>> {
  const { title: annotation, issueDate, issuer, creator } = shop.plan;
  const { cryptography, signer } = shop.ports;
  const target = { folder: shop.folder, cryptography, signer, standard: shop.standard };
  const composition = composeComposition(shop, ids, reels);
  const cpl = await writeComposition(target, composition);
  const packed = [cpl, ...tracks.flatMap((track) => [track.file, ...track.others])];
  const { packingList, assetMap, file } = await writeLists(
    target,
    { annotation, issueDate, issuer, creator },
    ids,
    packed,
  );
  return { composition, packingList, assetMap, files: [cpl, file] };
}
