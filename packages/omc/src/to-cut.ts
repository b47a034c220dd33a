import {
  accepted,
  allowsDropFrame,
  type Finding,
  finding,
  FRAME_RATES,
  type FrameRate,
  type Outcome,
  parseFrameRate,
  parseTimecode,
  refused,
} from '@yinglian/core';
import {
  clip,
  type Composable,
  external,
  gap,
  isJsonObject,
  jsonList,
  type JsonObject,
  type JsonValue,
  member,
  missing,
  numberMember,
  objectMember,
  range,
  textMember,
  time,
  type Timeline,
  timeline,
  timeWarp,
  type Track,
  track,
} from '@yinglian/timeline';
import { CUSTOM_DOMAIN, CUSTOM_NAMESPACE } from './from-cut.ts';
import { identifierKey, type OmcEntity, type OmcGraph } from './graph.ts';

/** How a cut is read from a graph that does not say it all. */
export type GraphCutOptions = {
  /** Where the graph names none; 24 unless given. */
  readonly rate?: FrameRate;
};

type Shot = {
  readonly name: string;
  readonly reel: string;
  readonly file: JsonObject | undefined;
  readonly sourceIn: number;
  readonly sourceOut: number;
  readonly recordIn: number;
  readonly recordOut: number;
  readonly track: number;
  readonly trackName: string;
  readonly isSound: boolean;
  readonly speed: number;
  readonly enabled: boolean;
  readonly shot: string;
};

/**
 * The cuts of a graph: every Composition whose type begins with `sequence`, from the timing of its
 * shots. What this project wrote comes back frame for frame; of others' graphs the timecodes are
 * read at the rate that is given.
 */
export function cutsOfOmc(
  graph: OmcGraph,
  options: GraphCutOptions = {},
): Outcome<readonly Timeline[]> {
  const findings: Finding[] = [];
  const index = new Map(
    graph.entities.flatMap((entity) =>
      entity.identifiers.map((each) => [identifierKey(each), entity] as const),
    ),
  );
  const compositions = graph.entities.filter(
    ({ entityType, members }) =>
      entityType === 'Composition' &&
      (textMember(members, 'compositionType') ?? '').startsWith('sequence'),
  );
  if (compositions.length === 0) return refused(finding('missing_omc_composition', 'error'));
  const cuts = compositions.map((each) => cutOf(each, index, options, findings));
  return accepted(cuts, findings);
}

function cutOf(
  of: OmcEntity,
  index: ReadonlyMap<string, OmcEntity>,
  options: GraphCutOptions,
  findings: Finding[],
): Timeline {
  const own = ownData(member(of.members, 'customData'));
  const rate = parseFrameRate(textMember(own, 'rate') ?? '') ?? options.rate ?? FRAME_RATES['24'];
  const dropFrame = member(own, 'dropFrame') === true && allowsDropFrame(rate);
  const includes = objectMember(of.members, 'includes') ?? {};
  const assets = member(includes, 'Asset');
  const shots: Shot[] = [];
  for (const reference of jsonList(assets)) {
    const asset = targetOf(reference, index);
    if (asset === undefined) continue;
    const shot = shotOf(asset, index, { rate, dropFrame }, findings);
    if (shot !== undefined) shots.push(shot);
  }
  const start = Math.min(...shots.map((each) => each.recordIn));
  const count = numberMember(own, 'tracks') ?? 0;
  const tracks = tracksOfShots(shots, rate, Number.isFinite(start) ? start : 0, count, findings);
  return timeline(tracks, {
    name: textMember(of.members, 'name') ?? '',
    metadata: dropFrame ? { cmx_3600: { drop_frame: true } } : {},
    ...(shots.length === 0 ? {} : { globalStart: time(start, rate) }),
  });
}

function shotOf(
  asset: OmcEntity,
  index: ReadonlyMap<string, OmcEntity>,
  format: { readonly rate: FrameRate; readonly dropFrame: boolean },
  findings: Finding[],
): Shot | undefined {
  const name = textMember(asset.members, 'name') ?? '';
  const functional = objectMember(asset.members, 'assetFC') ?? {};
  const own = ownData(member(functional, 'customData'));
  const properties = objectMember(functional, 'functionalProperties') ?? {};
  const timing = objectMember(properties, 'timing') ?? {};
  const frames = (exact: string, label: string): number | undefined => {
    const stated = numberMember(own, exact);
    if (stated !== undefined) return stated;
    const read = parseTimecode(textMember(timing, label) ?? '', format);
    return read.ok ? Number(read.value) : undefined;
  };
  const sourceIn = frames('sourceIn', 'sourceStart');
  const recordIn = frames('recordIn', 'recordStart');
  const recordOut = frames('recordOut', 'recordEnd');
  if (sourceIn === undefined || recordIn === undefined || recordOut === undefined) {
    const facts = { name, text: JSON.stringify(Object.values(timing)) };
    findings.push(finding('missing_shot_timing', 'warning', { facts }));
    return undefined;
  }
  const version = objectMember(asset.members, 'version') ?? {};
  const media = targetOf(member(version, 'DerivationOf'), index);
  const structure = targetOf(member((media ?? asset).members, 'AssetSC'), index);
  const details = objectMember(structure?.members ?? {}, 'structuralProperties') ?? {};
  return {
    name: textMember(own, 'clip') ?? textMember(media?.members ?? {}, 'name') ?? name,
    reel: textMember(own, 'reel') ?? reelOf(media),
    file: objectMember(details, 'fileDetails'),
    sourceIn,
    sourceOut: frames('sourceOut', 'sourceEnd') ?? sourceIn + recordOut - recordIn,
    recordIn,
    recordOut,
    track: numberMember(own, 'track') ?? 0,
    trackName: textMember(own, 'trackName') ?? '',
    isSound: textMember(own, 'department') === 'sound',
    speed: numberMember(own, 'speed') ?? 1,
    enabled: member(own, 'enabled') !== false,
    shot: textMember(own, 'shot') ?? '',
  };
}

/** Shots side by side on their tracks; what overlaps goes to a track above. */
function tracksOfShots(
  shots: readonly Shot[],
  rate: FrameRate,
  start: number,
  count: number,
  findings: Finding[],
): Track[] {
  const lanes = new Map<number, Shot[]>();
  for (let lane = 0; lane < count; lane++) lanes.set(lane, []);
  for (const shot of shots) lanes.set(shot.track, [...(lanes.get(shot.track) ?? []), shot]);
  const order = [...lanes.keys()].toSorted((a, b) => a - b);
  return order.flatMap((lane) => {
    const layers: Shot[][] = [[]];
    for (const shot of lanes.get(lane)!.toSorted((a, b) => a.recordIn - b.recordIn)) {
      const free = layers.find((each) => (each.at(-1)?.recordOut ?? -Infinity) <= shot.recordIn);
      if (free === undefined) {
        const over = Math.min(...layers.map((each) => each.at(-1)!.recordOut)) - shot.recordIn;
        const facts = { name: shot.name, frames: over };
        findings.push(finding('overlapping_shots', 'warning', { facts }));
        layers.push([shot]);
      } else free.push(shot);
    }
    return layers.map((each) => trackOf(each, rate, start));
  });
}

function trackOf(shots: readonly Shot[], rate: FrameRate, start: number): Track {
  const children: Composable[] = [];
  let at = start;
  for (const shot of shots) {
    if (shot.recordIn > at) children.push(gap(time(shot.recordIn - at, rate)));
    children.push(clipOf(shot, rate));
    at = shot.recordOut;
  }
  const [first] = shots;
  return track({
    name: first?.trackName ?? '',
    trackKind: first?.isSound === true ? 'Audio' : 'Video',
    children,
  });
}

function clipOf(shot: Shot, rate: FrameRate) {
  const path = `${textMember(shot.file ?? {}, 'filePath') ?? ''}${
    textMember(shot.file ?? {}, 'fileName') ?? ''
  }`;
  const metadata = {
    ...(shot.reel === '' ? {} : { cmx_3600: { reel: shot.reel } }),
    ...(shot.shot === '' ? {} : { yinglian: { shot: shot.shot } }),
  };
  // Played backward, the source range begins with the last frame that is used.
  const first = shot.speed < 0 ? shot.sourceOut - 1 : shot.sourceIn;
  return clip({
    name: shot.name,
    metadata,
    enabled: shot.enabled,
    sourceRange: range(first, shot.recordOut - shot.recordIn, rate),
    effects: shot.speed === 1 ? [] : [timeWarp(shot.speed)],
    media: { DEFAULT_MEDIA: path === '' ? missing() : external(path) },
  });
}

/** The roll that a camera wrote on, as its maker or the graph's calls it. */
function reelOf(media: OmcEntity | undefined): string {
  const functional = objectMember(media?.members ?? {}, 'assetFC') ?? {};
  const properties = objectMember(functional, 'functionalProperties') ?? {};
  const camera = objectMember(properties, 'cameraMetadata') ?? properties;
  return textMember(camera, 'reelName') ?? textMember(camera, 'cameraRoll') ?? '';
}

function targetOf(
  reference: JsonValue | undefined,
  index: ReadonlyMap<string, OmcEntity>,
): OmcEntity | undefined {
  if (!isJsonObject(reference)) return undefined;
  const identifiers = member(reference, 'identifier');
  for (const each of jsonList(identifiers)) {
    if (!isJsonObject(each)) continue;
    const scope = textMember(each, 'identifierScope');
    const value = textMember(each, 'identifierValue');
    if (scope === undefined || value === undefined) continue;
    const found = index.get(identifierKey({ scope, value }));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** What this project wrote into custom data. */
function ownData(of: JsonValue | undefined): JsonObject {
  for (const each of jsonList(of)) {
    if (!isJsonObject(each)) continue;
    const isOwn =
      textMember(each, 'domain') === CUSTOM_DOMAIN &&
      textMember(each, 'namespace') === CUSTOM_NAMESPACE;
    if (isOwn) return objectMember(each, 'value') ?? {};
  }
  return {};
}
