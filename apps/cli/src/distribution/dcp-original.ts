import { resolve } from 'node:path';
import {
  assetPath,
  type Composition,
  isAssetMapPath,
  isComposition,
  type MetadataPlan,
  playedFrames,
  readAssetMap,
  readComposition,
  readDocument,
  type Reel,
  type ReelPlan,
  type TrackPlan,
} from '@yinglian/dcp';
import { folderReader } from '@yinglian/host';
import { CommandFault, EXIT } from '../kernel/exit-codes.ts';
import type { Terminal } from '../kernel/terminal.ts';
import type { GivenPicture } from './dcp-sources.ts';
import { taken } from './given.ts';

/**
 * Reels of the composition of an original that a version replaces tracks of: the only one there is,
 * or the one that is named by its id or its title.
 */
export async function originalReels(
  terminal: Terminal,
  path: string,
  wanted: string | undefined,
): Promise<readonly Reel[]> {
  const found = await compositionsIn(terminal, path);
  const id = wanted?.replace(/^urn:uuid:/i, '').toLowerCase();
  const chosen = found.filter(
    (each) => id === undefined || each.id === id || each.title === wanted,
  );
  if (chosen.length === 1) return chosen[0]!.reels;
  const named = found.map((each) => `${each.id} ${each.title}`).join('\n');
  throw new CommandFault(`${path}: --ov-cpl\n${named === '' ? 'CPL ?' : named}`, EXIT.misused);
}

/** Compositions of every package below a folder. */
async function compositionsIn(terminal: Terminal, path: string): Promise<Composition[]> {
  const folder = folderReader(resolve(path));
  const names = (await folder.list()).map((each) => each.path).sort();
  const maps = names.filter(isAssetMapPath);
  if (maps.length === 0) throw new CommandFault(`${path}: ASSETMAP ?`, EXIT.misused);
  const found = new Map<string, Composition>();
  for (const name of maps) {
    const bytes = await readDocument(folder, name);
    if (bytes === undefined) throw new CommandFault(`${path}: ${name}`, EXIT.faulty);
    const map = taken(terminal, readAssetMap(bytes, name));
    const base = name.slice(0, name.lastIndexOf('/') + 1);
    for (const asset of map.assets) {
      const at = assetPath(base, asset.chunks[0]?.path ?? '');
      const isText = at !== undefined && /\.xml$/i.test(at);
      const text = isText ? await readDocument(folder, at) : undefined;
      if (text === undefined || !isComposition(text)) continue;
      const { model } = taken(terminal, readComposition(text, at!));
      found.set(model.id, model);
    }
  }
  return [...found.values()];
}

/** What an original says of tracks that stay. */
export function keptMetadata(reel: Reel | undefined): MetadataPlan | undefined {
  if (reel?.metadata === undefined) return undefined;
  const { storedArea, activeArea, soundConfiguration, soundSampleRate, soundLabels } =
    reel.metadata;
  return { storedArea, activeArea, soundConfiguration, soundSampleRate, soundLabels };
}

/** A picture of a reel, given or staying. */
export type Known = Pick<GivenPicture, 'frames' | 'editRate' | 'speed'>;

/** Whether a picture is one that is given. */
export const isGiven = (picture: Known | GivenPicture): picture is GivenPicture =>
  'source' in picture;

/** The picture of an original's reel that stays. */
export function existingPicture(reel: Reel | undefined): Known | undefined {
  const asset = reel?.assets.find(({ kind }) => kind.endsWith('picture'));
  if (asset === undefined) return undefined;
  return {
    frames: playedFrames(asset),
    editRate: asset.editRate,
    speed: { numerator: 1n, denominator: 1n },
  };
}

/** The tracks of an original, to be replaced by what is given. */
export function existingTracks(reel: Reel | undefined): ReelPlan {
  if (reel === undefined) return {};
  const track = (...kinds: string[]): TrackPlan | undefined => {
    const asset = reel.assets.find(({ kind }) => kinds.includes(kind));
    return asset === undefined ? undefined : { existing: asset };
  };
  const [picture, sound] = [track('picture', 'stereoscopic_picture'), track('sound')];
  const [subtitle, data] = [track('subtitle'), track('auxiliary_data')];
  const all = (wanted: string) =>
    reel.assets.filter(({ kind }) => kind === wanted).map((existing) => ({ existing }));
  const [openCaptions, closedCaptions] = [all('caption'), all('closed_caption')];
  const closedSubtitles = all('closed_subtitle');
  return {
    ...(picture === undefined ? {} : { picture }),
    ...(sound === undefined ? {} : { sound }),
    ...(subtitle === undefined ? {} : { subtitle }),
    ...(data === undefined ? {} : { auxiliaryData: data }),
    ...(openCaptions.length === 0 ? {} : { openCaptions }),
    ...(closedCaptions.length === 0 ? {} : { closedCaptions }),
    ...(closedSubtitles.length === 0 ? {} : { closedSubtitles }),
    ...(reel.markers === undefined ? {} : { markers: reel.markers.markers }),
  };
}
