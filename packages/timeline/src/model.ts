import type { JsonObject } from './json/value.ts';
import type { RationalTime, TimeRange } from './time.ts';

/**
 * A cut, in the shape of OpenTimelineIO 0.18: every schema it writes has a type here, every other
 * one is carried as it came ({@link UnknownObject}), and members that a schema does not know stay
 * in `extra`. Nothing is ever thrown away by reading.
 */

/** What every object of a cut has. */
export type Named = {
  readonly name: string;
  readonly metadata: JsonObject;
  /** Members that the schema does not know, kept for the way back. */
  readonly extra?: JsonObject;
};

/** A colour as OTIO 0.18 writes it for items: red, green, blue, alpha from 0 to 1. */
export type Color = JsonObject;

/** What can be trimmed, marked and worked upon. */
export type ItemFields = Named & {
  /** Undefined: all of what is inside. */
  readonly sourceRange?: TimeRange | undefined;
  readonly effects: readonly (Effect | UnknownObject)[];
  readonly markers: readonly (Marker | UnknownObject)[];
  readonly enabled: boolean;
  /** Undefined where the file had no such member (before OTIO 0.18). */
  readonly color?: Color | null | undefined;
};

/** A whole programme. */
export type Timeline = Named & {
  readonly kind: 'timeline';
  /** The timecode of its first frame. */
  readonly globalStart?: RationalTime | undefined;
  readonly tracks: Stack;
};

/** Tracks or items on top of each other, the first at the bottom; all begin together. */
export type Stack = ItemFields & {
  readonly kind: 'stack';
  readonly children: readonly Composable[];
};

/** Items one after another. */
export type Track = ItemFields & {
  readonly kind: 'track';
  /** `Video`, `Audio`, or what a file says. */
  readonly trackKind: string;
  readonly children: readonly Composable[];
};

/** A piece of media. */
export type Clip = ItemFields & {
  readonly kind: 'clip';
  readonly media: Readonly<Record<string, MediaReference | UnknownObject>>;
  readonly activeMedia: string;
};

/** Nothing, for a while. */
export type Gap = ItemFields & { readonly kind: 'gap' };

/** From what is before to what is after it. */
export type Transition = Named & {
  readonly kind: 'transition';
  /** `SMPTE_Dissolve`, `Custom_Transition`, … */
  readonly transitionType: string;
  /** How much of the item before it covers. */
  readonly inOffset: RationalTime;
  /** How much of the item after it covers. */
  readonly outOffset: RationalTime;
};

/** A remark on a moment or a while, in the time of the item it hangs on. */
export type Marker = Named & {
  readonly kind: 'marker';
  readonly markedRange: TimeRange;
  /** A word (Marker.2), or the object that Marker.3 has. */
  readonly color: string | JsonObject;
  readonly comment: string;
};

/** Something done to an item; with a time scalar it is a linear time warp. */
export type Effect = Named & {
  readonly kind: 'effect';
  readonly schema: 'Effect' | 'TimeEffect' | 'LinearTimeWarp' | 'FreezeFrame';
  readonly effectName: string;
  /** Undefined where the file had no such member (before OTIO 0.18). */
  readonly enabled?: boolean | undefined;
  /** Frames of media for one of the cut; 0 freezes, −1 runs backward. */
  readonly timeScalar?: number | undefined;
};

/** What every media reference has. */
export type MediaFields = Named & {
  readonly availableRange?: TimeRange | undefined;
  /** A Box2d as it came; undefined where the file had no such member. */
  readonly imageBounds?: JsonObject | null | undefined;
};

/** Where the media of a clip are. */
export type MediaReference =
  | ExternalReference
  | ImageSequenceReference
  | GeneratorReference
  | MissingReference;

/** A file. */
export type ExternalReference = MediaFields & {
  readonly kind: 'external';
  readonly targetUrl: string;
};

/** Numbered files. */
export type ImageSequenceReference = MediaFields & {
  readonly kind: 'images';
  readonly targetUrlBase: string;
  readonly namePrefix: string;
  readonly nameSuffix: string;
  readonly startFrame: bigint;
  readonly frameStep: bigint;
  readonly rate: number;
  readonly frameZeroPadding: bigint;
  readonly missingFramePolicy: string;
};

/** Made, not shot: black, bars, a title. */
export type GeneratorReference = MediaFields & {
  readonly kind: 'generator';
  readonly generatorKind: string;
  readonly parameters: JsonObject;
};

/** Known to exist, not where. */
export type MissingReference = MediaFields & { readonly kind: 'missing' };

/** A schema this project does not know, member for member. */
export type UnknownObject = {
  readonly kind: 'unknown';
  readonly name: string;
  /** `OTIO_SCHEMA` and all other members. */
  readonly fields: JsonObject;
};

/** Several things in one file: the sequences of a project, the clips of a bin. */
export type Collection = Named & {
  readonly kind: 'collection';
  readonly children: readonly TimelineObject[];
};

/** What stands in a track or stack. */
export type Composable = Clip | Gap | Transition | Stack | Track | UnknownObject;
/** What takes time in a track. */
export type Item = Clip | Gap | Stack | Track;
/** Anything a file may hold at its top. */
export type TimelineObject = Timeline | Collection | Composable | Marker | Effect | MediaReference;

/** The key of the media reference that is used where nothing else is said. */
export const DEFAULT_MEDIA = 'DEFAULT_MEDIA';
/** Transitions that several formats know by this name. */
export const DISSOLVE = 'SMPTE_Dissolve';
/** Any other transition. */
export const CUSTOM_TRANSITION = 'Custom_Transition';

const NONE: JsonObject = Object.freeze({});

/** What the makers below take: all members but the kind, each with its default. */
type Given<Kind> = Partial<Omit<Kind, 'kind'>>;

const ITEM = { name: '', metadata: NONE, effects: [], markers: [], enabled: true, color: null };

/** A clip; its media is missing unless given. */
export function clip(given: Given<Clip> = {}): Clip {
  return {
    kind: 'clip',
    ...ITEM,
    media: { [DEFAULT_MEDIA]: missing() },
    activeMedia: DEFAULT_MEDIA,
    ...given,
  };
}

/** A gap of some length. */
export function gap(duration: RationalTime, given: Given<Gap> = {}): Gap {
  const sourceRange = { start: { value: 0, rate: duration.rate }, duration };
  return { kind: 'gap', ...ITEM, sourceRange, ...given };
}

/** A track, of picture unless said otherwise. */
export function track(given: Given<Track> = {}): Track {
  return { kind: 'track', ...ITEM, trackKind: 'Video', children: [], ...given };
}

/** A stack. */
export function stack(given: Given<Stack> = {}): Stack {
  return { kind: 'stack', ...ITEM, children: [], ...given };
}

/** A timeline of tracks. */
export function timeline(
  tracks: readonly Composable[],
  given: Partial<Omit<Timeline, 'kind' | 'tracks'>> = {},
): Timeline {
  const inside = stack({ name: 'tracks', children: tracks });
  return { kind: 'timeline', name: '', metadata: NONE, tracks: inside, ...given };
}

/** A transition. */
export function transition(
  inOffset: RationalTime,
  outOffset: RationalTime,
  given: Given<Transition> = {},
): Transition {
  return {
    kind: 'transition',
    name: '',
    metadata: NONE,
    transitionType: DISSOLVE,
    inOffset,
    outOffset,
    ...given,
  };
}

/** A marker. */
export function marker(markedRange: TimeRange, given: Given<Marker> = {}): Marker {
  return {
    kind: 'marker',
    name: '',
    metadata: NONE,
    color: 'GREEN',
    comment: '',
    markedRange,
    ...given,
  };
}

/** An effect that is not about time. */
export function effect(effectName: string, given: Given<Effect> = {}): Effect {
  return {
    kind: 'effect',
    schema: 'Effect',
    name: '',
    metadata: NONE,
    enabled: true,
    effectName,
    ...given,
  };
}

/** What people call an effect, whoever made it. */
export function effectLabel(of: Effect | UnknownObject): string {
  return of.kind === 'effect' ? of.effectName || of.schema : of.name;
}

/** A constant speed; 0 becomes a freeze frame. */
export function timeWarp(timeScalar: number, given: Given<Effect> = {}): Effect {
  const frozen = timeScalar === 0;
  return effect(frozen ? 'FreezeFrame' : 'LinearTimeWarp', {
    schema: frozen ? 'FreezeFrame' : 'LinearTimeWarp',
    timeScalar,
    ...given,
  });
}

/** Media whose place is unknown. */
export function missing(given: Given<MissingReference> = {}): MissingReference {
  return { kind: 'missing', name: '', metadata: NONE, imageBounds: null, ...given };
}

/** A media file. */
export function external(
  targetUrl: string,
  given: Given<ExternalReference> = {},
): ExternalReference {
  return { kind: 'external', name: '', metadata: NONE, imageBounds: null, targetUrl, ...given };
}

/** Made media. */
export function generator(
  generatorKind: string,
  given: Given<GeneratorReference> = {},
): GeneratorReference {
  const base = { name: '', metadata: NONE, imageBounds: null, parameters: NONE };
  return { kind: 'generator', ...base, generatorKind, ...given };
}

/** The media reference a clip uses; undefined where its key names none. */
export function mediaOf(of: Clip): MediaReference | UnknownObject | undefined {
  return Object.hasOwn(of.media, of.activeMedia) ? of.media[of.activeMedia] : undefined;
}

/** The speed of an item: the product of its enabled linear time warps; 1 without any. */
export function speedOf(of: ItemFields): number {
  let speed = 1;
  for (const each of of.effects) {
    if (each.kind === 'effect' && each.enabled !== false && each.timeScalar !== undefined) {
      speed *= each.timeScalar;
    }
  }
  return speed;
}
