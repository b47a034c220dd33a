import type { Block, Precinct, TileComponent } from './geometry.ts';
import type { Progression, TilePartKey } from './model.ts';

/** One progression volume (A.6.6): ends are exclusive. */
export type ProgressionVolume = {
  readonly progression: Progression;
  readonly resolutionStart: number;
  readonly resolutionEnd: number;
  readonly componentStart: number;
  readonly componentEnd: number;
  readonly layerEnd: number;
};

/** A packet: one layer of one precinct. */
export type PacketPlace<B extends Block> = {
  readonly precinct: Precinct<B>;
  readonly layer: number;
};

/** One sort key less than another, part by part. */
type Key = readonly number[];

/**
 * The packets of a tile in the order of its progression volumes (B.12). A packet comes once: a
 * later volume skips what an earlier one sent.
 *
 * @param most packets wanted: a reader never gets further than its bytes, whatever a header claims
 */
export function orderPackets<B extends Block>(
  components: readonly TileComponent<B>[],
  volumes: readonly ProgressionVolume[],
  most = Infinity,
): PacketPlace<B>[] {
  const sentLayers = new Map<Precinct<B>, number>();
  const packets: PacketPlace<B>[] = [];
  for (const volume of volumes) {
    if (packets.length >= most) break;
    const precincts = precinctsOf(components, volume).filter(
      (precinct) => (sentLayers.get(precinct) ?? 0) < volume.layerEnd,
    );
    const byLayerFirst = volume.progression === 'LRCP';
    const layersOutside = byLayerFirst || volume.progression === 'RLCP';
    const keyed = precincts.map((precinct) => ({ precinct, key: keyOf(precinct, volume) }));
    keyed.sort((a, b) => compareKeys(a.key, b.key));
    const from = (precinct: Precinct<B>) => sentLayers.get(precinct) ?? 0;
    if (layersOutside) {
      pushLayered(
        packets,
        keyed.map((each) => each.precinct),
        volume,
        from,
        most,
      );
    } else {
      for (const { precinct } of keyed) {
        for (let layer = from(precinct); layer < volume.layerEnd; layer++) {
          if (packets.length >= most) break;
          packets.push({ precinct, layer });
        }
      }
    }
    for (const precinct of precincts) {
      sentLayers.set(precinct, Math.max(from(precinct), volume.layerEnd));
    }
  }
  return packets;
}

/** LRCP: layer, then all; RLCP: resolution, then layer, then the rest. */
function pushLayered<B extends Block>(
  packets: PacketPlace<B>[],
  precincts: readonly Precinct<B>[],
  volume: ProgressionVolume,
  from: (precinct: Precinct<B>) => number,
  most: number,
): void {
  const groups: Precinct<B>[][] = [];
  for (const precinct of precincts) {
    const last = groups.at(-1);
    const joins = volume.progression === 'LRCP' || last?.[0]?.resolution === precinct.resolution;
    if (last !== undefined && joins) last.push(precinct);
    else groups.push([precinct]);
  }
  for (const group of groups) {
    for (let layer = 0; layer < volume.layerEnd; layer++) {
      for (const precinct of group) {
        if (packets.length >= most) return;
        if (layer >= from(precinct)) packets.push({ precinct, layer });
      }
    }
  }
}

function precinctsOf<B extends Block>(
  components: readonly TileComponent<B>[],
  volume: ProgressionVolume,
): Precinct<B>[] {
  return components
    .slice(volume.componentStart, volume.componentEnd)
    .flatMap((component) =>
      component.resolutions
        .slice(volume.resolutionStart, volume.resolutionEnd)
        .flatMap((resolution) => resolution.precincts),
    );
}

function keyOf<B extends Block>(precinct: Precinct<B>, volume: ProgressionVolume): Key {
  const { component: c, resolution: r, index: k, refX: x, refY: y } = precinct;
  switch (volume.progression) {
    case 'LRCP':
    case 'RLCP':
      return [r, c, k];
    case 'RPCL':
      return [r, y, x, c, k];
    case 'PCRL':
      return [y, x, c, r, k];
    default:
      return [c, y, x, r, k];
  }
}

function compareKeys(a: Key, b: Key): number {
  for (let i = 0; i < a.length; i++) {
    if (a[i] !== b[i]) return a[i]! - b[i]!;
  }
  return 0;
}

/** What the tile-parts of a tile are named after; those of 4K cinema after two things. */
export type PartKey = TilePartKey | 'volume_and_component';

/** TNsot counts the parts of a tile in eight bits (A.4.2). */
export const TILE_PARTS_MAX = 255;

/** Cuts the packets of a tile where what the parts are named after changes. */
export function cutParts<P extends PacketPlace<Block>>(
  packets: readonly P[],
  volumes: readonly ProgressionVolume[],
  key: PartKey,
): P[][] {
  const parts: P[][] = [];
  let last = '';
  for (const place of packets) {
    const own = partName(place, volumes, key);
    if (parts.length === 0 || own !== last) parts.push([]);
    parts.at(-1)!.push(place);
    last = own;
  }
  return parts.length === 0 ? [[]] : parts;
}

function partName(
  { precinct, layer }: PacketPlace<Block>,
  volumes: readonly ProgressionVolume[],
  key: PartKey,
): string {
  const { component, resolution } = precinct;
  if (key === 'component') return `${component}`;
  if (key === 'resolution') return `${resolution}`;
  if (key === 'layer') return `${layer}`;
  if (key === 'one') return '';
  const volume = volumes.findIndex(
    (each) => resolution >= each.resolutionStart && resolution < each.resolutionEnd,
  );
  return `${volume}/${component}`;
}
