import {
  allowsDropFrame,
  type Eidr,
  type Finding,
  formatTimecode,
  FRAME_RATES,
  type FrameRate,
  type Isan,
  type TimecodeFormat,
} from '@yinglian/core';
import {
  chooseIdentity,
  type CutEntry,
  entriesOf,
  type JsonObject,
  type JsonValue,
  mediaKey,
  mediaOf,
  type MediaIdentity,
  member,
  objectMember,
  rateOf,
  tell,
  textMember,
  type Timeline,
} from '@yinglian/timeline';
import { type OmcEntity, type OmcGraph, type OmcIdentifier, referenceTo } from './graph.ts';
import { OMC_SCHEMA } from './vocabulary.ts';

/** What a cut is told about itself for its graph. */
export type CutGraphOptions = {
  /** `identifierScope` of all entities made here: who names them. */
  readonly scope: string;
  readonly title?: string;
  readonly eidr?: Eidr;
  readonly isan?: Isan;
};

/** The treatment of what is cut at both ends and not worked upon. */
const PLAIN = 'cut; cut';

/** `domain` of this project's `customData`. */
export const CUSTOM_DOMAIN = 'yinglian';
/** Its `namespace`: what a cut says beyond OMC. */
export const CUSTOM_NAMESPACE = 'timeline';

/**
 * The graph of a cut: the work, each medium (an Asset with its AssetSC, and the Slate of its take),
 * each use of it (an Asset of type `shot.editorial` with its timing) and the cut itself (a
 * Composition of type `sequence.editorial`). The names are made of scope, kind and what the cut
 * calls things, so the same cut always gives the same graph.
 */
export function omcOfCut(
  of: Timeline,
  options: CutGraphOptions,
): { readonly graph: OmcGraph; readonly findings: readonly Finding[] } {
  const findings: Finding[] = [];
  const rate = rateOf(of) ?? FRAME_RATES['24'];
  const entries = entriesOf(of, rate, findings);
  const maker = new GraphMaker(options, formatOf(of, rate), chooseIdentity(entries, entries));
  const work = maker.work(options.title ?? of.name, options);
  const shots = entries.map((entry) => {
    if (entry.treatment !== PLAIN || entry.speed !== 1) {
      const placing = { rate, findings };
      const path = `tracks/${entry.track}/${entry.index}`;
      tell(placing, 'uncarried_omc_treatment', 'note', path, { name: entry.name });
    }
    return maker.shot(of.name, entry, work);
  });
  maker.composition(of.name, shots, rate, of);
  return { graph: { entities: maker.entities }, findings };
}

function formatOf(of: Timeline, rate: FrameRate): TimecodeFormat {
  const list = objectMember(of.metadata, 'cmx_3600');
  const isDrop = list !== undefined && member(list, 'drop_frame') === true;
  return { rate, dropFrame: isDrop && allowsDropFrame(rate) };
}

class GraphMaker {
  readonly entities: OmcEntity[] = [];
  readonly #scope: string;
  readonly #format: TimecodeFormat;
  readonly #identity: MediaIdentity;
  readonly #media = new Map<string, OmcEntity>();
  readonly #slates = new Map<string, OmcEntity>();

  constructor(options: CutGraphOptions, format: TimecodeFormat, identity: MediaIdentity) {
    this.#scope = options.scope;
    this.#format = format;
    this.#identity = identity;
  }

  work(title: string, { eidr, isan }: CutGraphOptions): OmcEntity {
    const others: OmcIdentifier[] = [];
    if (eidr !== undefined) others.push({ scope: 'eidr', value: eidr });
    if (isan !== undefined) others.push({ scope: 'isan', value: isan.text });
    const creativeWorkTitle = [{ titleName: title, titleType: 'working' }];
    const members = { name: title, creativeWorkType: 'creativeWork', creativeWorkTitle };
    return this.#add('CreativeWork', `work/${title}`, members, others);
  }

  /** One use of a medium, with the medium itself. */
  shot(cut: string, entry: CutEntry, work: OmcEntity): OmcEntity {
    const media = this.#medium(entry, work);
    const label = (frames: number) => formatTimecode(BigInt(frames), this.#format);
    const timing = {
      sourceStart: label(entry.sourceIn),
      sourceEnd: label(entry.sourceOut),
      recordStart: label(entry.recordIn),
      recordEnd: label(entry.recordOut),
      duration: label(entry.recordOut - entry.recordIn),
    };
    const exact: JsonObject = {
      track: BigInt(entry.track),
      trackName: entry.trackName,
      department: entry.department,
      clip: entry.name,
      reel: entry.reel,
      sourceIn: BigInt(entry.sourceIn),
      sourceOut: BigInt(entry.sourceOut),
      recordIn: BigInt(entry.recordIn),
      recordOut: BigInt(entry.recordOut),
      ...(entry.shot === '' ? {} : { shot: entry.shot }),
      ...(entry.speed === 1 ? {} : { speed: entry.speed }),
      ...(entry.treatment === PLAIN ? {} : { treatment: entry.treatment }),
      ...(entry.enabled ? {} : { enabled: false }),
    };
    const place = `${cut}/${entry.track}/${entry.index}`;
    return this.#add('Asset', `shot/${place}`, {
      name: entry.shot || entry.name,
      version: { DerivationOf: referenceTo(media) },
      assetFC: {
        functionalType: 'shot.editorial',
        functionalProperties: { timing },
        customData: custom(exact),
      },
    });
  }

  composition(name: string, shots: readonly OmcEntity[], rate: FrameRate, of: Timeline): OmcEntity {
    const { dropFrame } = this.#format;
    const tracks = of.tracks.children.length;
    return this.#add('Composition', `cut/${name}`, {
      name,
      compositionType: 'sequence.editorial',
      includes: { Asset: shots.map(referenceTo) },
      customData: custom({
        rate: `${rate.numerator}/${rate.denominator}`,
        dropFrame,
        tracks: BigInt(tracks),
      }),
    });
  }

  #medium(entry: CutEntry, work: OmcEntity): OmcEntity {
    const key = `${entry.department}/${mediaKey(entry, this.#identity)}`;
    const known = this.#media.get(key);
    if (known !== undefined) return known;
    const path = pathOf(entry.url);
    const fileName = path.slice(path.lastIndexOf('/') + 1);
    const extension = /\.([A-Za-z0-9]{1,8})$/.exec(fileName)?.[1];
    const isSound = entry.department === 'sound';
    const structure = this.#add('AssetSC', `file/${key}`, {
      name: fileName || entry.name,
      structuralType: isSound ? 'digital.audio' : 'digital.movingImage',
      structuralProperties: {
        fileDetails: {
          fileName: fileName || null,
          filePath: path.slice(0, Math.max(0, path.length - fileName.length)) || null,
          fileExtension: extension ?? null,
        },
        linkset: { recordType: 'item', mediaType: isSound ? 'audio' : 'video' },
      },
    });
    const slate = this.#slate(entry, work);
    const asset = this.#add('Asset', `media/${key}`, {
      name: entry.name,
      AssetSC: referenceTo(structure),
      assetFC: {
        functionalType: isSound ? 'capture.audio' : 'capture.ocf',
        ...(isSound ? {} : { functionalProperties: { cameraMetadata: this.#camera(entry) } }),
      },
      ...(slate === undefined ? {} : { Context: [referenceTo(this.#take(slate, key))] }),
    });
    this.#media.set(key, asset);
    return asset;
  }

  #camera(entry: CutEntry): JsonObject {
    const media = mediaOf(entry.clip);
    const available = media?.kind === 'unknown' ? undefined : media?.availableRange;
    const first = available === undefined ? undefined : BigInt(Math.round(available.start.value));
    return {
      reelName: entry.reel,
      ...(first === undefined ? {} : { timecodeStart: formatTimecode(first, this.#format) }),
    };
  }

  /** The clapper of a take, where the log tells its scene. */
  #slate(entry: CutEntry, work: OmcEntity): OmcEntity | undefined {
    const log = objectMember(entry.clip.metadata, 'ALE') ?? {};
    const said = (...names: string[]) =>
      names.map((name) => textMember(log, name)?.trim()).find((text) => text) ?? null;
    const [scene, take] = [said('Scene'), said('Take')];
    if (scene === null) return undefined;
    const cameraRoll = said('Camroll', 'Camera Roll', 'Labroll', 'Tape') ?? entry.reel;
    const slateUID = take === null ? scene : `${scene}-${take}`;
    const key = `${slateUID}/${cameraRoll}`;
    const known = this.#slates.get(key);
    if (known !== undefined) return known;
    const date = /^(\d{4})[-./](\d{2})[-./](\d{2})$/.exec(said('Shoot Date', 'Date') ?? '');
    const fps = Number(said('FPS'));
    const slate = this.#add('Slate', `slate/${key}`, {
      slateUID,
      cameraRoll,
      cameraLabel: said('Camera'),
      soundRoll: said('Soundroll', 'Sound Roll'),
      ...(date === null ? {} : { shootDate: `${date[1]}-${date[2]}-${date[3]}` }),
      ...(fps > 0 ? { recordingFPS: fps } : {}),
      CreativeWork: referenceTo(work),
    });
    this.#slates.set(key, slate);
    return slate;
  }

  #take(slate: OmcEntity, media: string): OmcEntity {
    const has = { Slate: [referenceTo(slate)] };
    return this.#add('Context', `take/${media}`, { contextType: 'production', has });
  }

  #add(
    entityType: string,
    key: string,
    members: JsonObject,
    others: readonly OmcIdentifier[] = [],
  ): OmcEntity {
    const identifiers = [{ scope: this.#scope, value: key }, ...others];
    const entity = { entityType, schemaVersion: OMC_SCHEMA, identifiers, members };
    this.entities.push(entity);
    return entity;
  }
}

function custom(value: JsonObject): JsonValue {
  return [{ domain: CUSTOM_DOMAIN, namespace: CUSTOM_NAMESPACE, value }];
}

/** The path of a `file:` URL, or the text as it is. */
function pathOf(url: string): string {
  const path = url.replace(/^file:\/\/(?:localhost)?/i, '');
  if (path === url || !path.includes('%')) return path.replaceAll('\\', '/');
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
