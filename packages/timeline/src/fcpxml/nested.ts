import { element, type XmlElement } from '@yinglian/xml';
import {
  type JsonObject,
  type JsonValue,
  member,
  objectMember,
  textMember,
} from '../json/value.ts';
import type { Composable, Effect, Item, Stack, Track } from '../model.ts';
import { attributesOf, elementsOf } from '../xml/metadata.ts';
import { clean, keepAttributes } from './elements.ts';
import { placeKept, type PlaceResource, restoreElement } from './kept.ts';

/** What is told otherwise than as an element of its own. */
const NO_ELEMENTS: ReadonlySet<string> = new Set(['element', 'resources']);

/** A filter as it was read; undefined for an effect of another format. */
export function filterElement(of: Effect, place: PlaceResource): XmlElement | undefined {
  const own = objectMember(of.metadata, 'fcpx');
  const kind = own === undefined ? undefined : textMember(own, 'element');
  if (own === undefined || kind === undefined || !kind.startsWith('filter-')) return undefined;
  return keptFilter(kind, own, objectMember(own, 'resources') ?? {}, place);
}

/** How the sound goes over in a transition, as it was read. */
export function soundOf(own: JsonObject, place: PlaceResource): XmlElement[] {
  const sound = objectMember(own, 'filter-audio');
  const resources = objectMember(own, 'resources') ?? {};
  const made =
    sound === undefined ? undefined : keptFilter('filter-audio', sound, resources, place);
  return made === undefined ? [] : [made];
}

function keptFilter(
  kind: string,
  own: JsonObject,
  resources: JsonObject,
  place: PlaceResource,
): XmlElement | undefined {
  const attributes = attributesOf(own);
  const { ref } = attributes;
  const placed = ref === undefined ? undefined : placeKept(ref, resources, place);
  // A mask names no effect; of a filter nothing is left without it.
  if (placed === undefined && kind !== 'filter-video-mask') return undefined;
  return element(kind, '', {
    attributes: { ...attributes, ...(placed === undefined ? {} : { ref: placed }) },
    children: elementsOf(own, NO_ELEMENTS),
  });
}

/** The choices of an audition that do not play; undefined where any of them was not kept. */
export function otherChoices(of: Item, place: PlaceResource): XmlElement[] | undefined {
  const others = member(of.metadata, 'fcpx_audition');
  if (!Array.isArray(others)) return [];
  const made = (others as readonly JsonValue[]).map((each) => restoreElement(each, place));
  return made.every((each) => each !== undefined) ? made : undefined;
}

/** An audition around its pick: it stands where the pick would, and hangs where that would. */
export function auditionElement(pick: XmlElement, others: readonly XmlElement[]): XmlElement {
  const isPlace = (name: string) => name === 'offset' || name === 'lane';
  const inner = pick.attributes.filter(({ local }) => !isPlace(local));
  return {
    ...element('audition', '', { children: [{ ...pick, attributes: inner }, ...others] }),
    attributes: pick.attributes.filter(({ local }) => isPlace(local)),
  };
}

/** The element that a clip with a cut of its own was read from. */
export function nestingOf(of: Item): string {
  return textMember(objectMember(of.metadata, 'fcpx') ?? {}, 'element') ?? '';
}

/** The angles of a multicam clip; undefined where its tracks are none. */
export function anglesOf(of: Stack): readonly Track[] | undefined {
  const angles = of.children.filter((each): each is Track => each.kind === 'track');
  const isWhole = angles.length === of.children.length && angles.length > 0;
  return isWhole && angles.every((each) => angleId(each) !== undefined) ? angles : undefined;
}

/** The name by which clips choose an angle. */
export function angleId(of: Track): string | undefined {
  const own = objectMember(of.metadata, 'fcpx');
  return own === undefined ? undefined : textMember(own, 'angleID');
}

/** How a multicam clip uses its angles: as it was read, else by which of them are on. */
export function angleSources(of: Stack, place: PlaceResource): XmlElement[] {
  const kept = keptParts(of, place);
  if (kept.length > 0) return kept;
  return (anglesOf(of) ?? []).flatMap((each) => {
    const srcEnable = each.trackKind === 'Audio' ? 'audio' : 'all';
    const angleID = clean(angleId(each) ?? '');
    return each.enabled ? [element('mc-source', '', { attributes: { angleID, srcEnable } })] : [];
  });
}

/** Parts of a clip that were kept whole: the sources of multicam and synchronised clips. */
export function keptParts(of: Item, place: PlaceResource): XmlElement[] {
  const parts = member(objectMember(of.metadata, 'fcpx') ?? {}, 'sources');
  if (!Array.isArray(parts)) return [];
  return (parts as readonly JsonValue[]).flatMap((each) => restoreElement(each, place) ?? []);
}

/** What stands before and behind the parts of any clip. */
export function clipMargins(of: Item): {
  readonly attributes: Readonly<Record<string, string>>;
  readonly notes: readonly XmlElement[];
  readonly metadata: readonly XmlElement[];
} {
  const own: JsonObject = objectMember(of.metadata, 'fcpx') ?? {};
  const all = elementsOf(own);
  const kept = ['audioStart', 'audioDuration', 'srcEnable', 'tcFormat', 'modDate'];
  return {
    attributes: keepAttributes(own, kept),
    notes: all.filter((each) => each.local === 'note'),
    metadata: all.filter((each) => each.local === 'metadata'),
  };
}

/** An angle without what a clip that uses it says of it. */
export function plainAngle(of: Track): Track {
  return { ...of, enabled: true, trackKind: 'Video' };
}

/** Media of one multicam clip that others use too are written once. */
export function sameAngles(a: readonly Track[], b: readonly Track[]): boolean {
  const same = (one: readonly Composable[], other: readonly Composable[]) => one === other;
  return (
    a.length === b.length &&
    a.every((each, at) => same(each.children, b[at]!.children) && angleId(each) === angleId(b[at]!))
  );
}
