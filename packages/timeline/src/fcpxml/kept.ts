import {
  attributeValue,
  childElements,
  element,
  isXmlText,
  type XmlElement,
  type XmlNode,
} from '@yinglian/xml';
import { isJsonObject, type JsonObject, type JsonValue, setMember } from '../json/value.ts';

/** Attributes by which an element names a resource. */
const REFERENCES: readonly string[] = ['ref', 'format'];
const XML_NAME = /^[A-Za-z_][A-Za-z0-9._-]*$/;
/** Elements inside one another that are written again; deeper than Final Cut Pro nests. */
const KEPT_DEPTH_MAX = 64;

/** Gives a kept resource its place in the document that is written; the id it has there. */
export type PlaceResource = (key: string, make: (id: string) => XmlElement) => string;

/**
 * An element with all that is in it, in its order, and the resources that it names, so that it can
 * be written into another document.
 */
export function keepElement(
  of: XmlElement,
  resources: ReadonlyMap<string, XmlElement>,
): JsonObject {
  return { ...bare(of), ...keptResources(of, resources) };
}

/** How a multicam or synchronised clip takes what is in it. */
export function keptSources(
  of: XmlElement,
  resources: ReadonlyMap<string, XmlElement>,
): JsonObject {
  const parts = [...childElements(of, 'mc-source'), ...childElements(of, 'sync-source')];
  if (parts.length === 0) return {};
  return { sources: parts.map((each) => keepElement(each, resources)) };
}

/** The resources that an element names, and those that they name, by their ids. */
export function keptResources(
  of: XmlElement,
  resources: ReadonlyMap<string, XmlElement>,
): JsonObject {
  const found = new Map<string, XmlElement>();
  const waiting = [of];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    for (const each of next.children) if (each.kind === 'element') waiting.push(each);
    for (const name of REFERENCES) {
      const id = attributeValue(next, name);
      const named = id === undefined ? undefined : resources.get(id);
      if (id === undefined || named === undefined || found.has(id)) continue;
      found.set(id, named);
      waiting.push(named);
    }
  }
  if (found.size === 0) return {};
  const kept: Record<string, JsonValue> = {};
  for (const [id, named] of found) setMember(kept, id, bare(named));
  return { resources: kept };
}

function bare(of: XmlElement): JsonObject {
  const attributes: Record<string, JsonValue> = {};
  for (const { local, value } of of.attributes) setMember(attributes, local, value);
  const parts = of.children.filter((each) => each.kind === 'element');
  const children = of.children.flatMap((each): JsonValue[] => {
    if (each.kind === 'element') return [bare(each)];
    // White space between elements is how the file was laid out.
    return each.kind === 'text' && (parts.length === 0 || each.text.trim() !== '')
      ? [each.text]
      : [];
  });
  return { element: of.local, attributes, children };
}

/** The element that was kept; undefined for what no element was kept as. */
export function restoreElement(of: JsonValue, place: PlaceResource): XmlElement | undefined {
  if (!isJsonObject(of)) return undefined;
  const resources = of['resources'] ?? null;
  const known = new Map<string, string | undefined>();
  const rename = (id: string) =>
    isJsonObject(resources) ? placeKept(id, resources, place, known) : undefined;
  return restored(of, rename, 0);
}

/**
 * The id that a resource has in the document that is written; undefined for one not kept. Two of
 * one content are one, whatever ids their documents gave them; one inside itself is left out.
 */
export function placeKept(
  id: string,
  resources: JsonObject,
  place: PlaceResource,
  known = new Map<string, string | undefined>(),
): string | undefined {
  if (known.has(id)) return known.get(id);
  known.set(id, undefined);
  const kept = Object.hasOwn(resources, id) ? resources[id] : undefined;
  if (kept === undefined || !isJsonObject(kept)) return undefined;
  const again = restored(kept, (named) => placeKept(named, resources, place, known), 0);
  if (again === undefined) return undefined;
  const attributes = again.attributes.filter(({ local }) => local !== 'id');
  const made = place(`kept ${JSON.stringify({ ...again, attributes })}`, (own) => {
    const [first] = element('id', '', { attributes: { id: own } }).attributes;
    return { ...again, attributes: [first!, ...attributes] };
  });
  known.set(id, made);
  return made;
}

function restored(
  of: JsonObject,
  rename: (id: string) => string | undefined,
  depth: number,
): XmlElement | undefined {
  const { element: name, attributes: kept, children } = of;
  if (typeof name !== 'string' || !XML_NAME.test(name) || depth > KEPT_DEPTH_MAX) return undefined;
  if (!isJsonObject(kept ?? null) || !Array.isArray(children)) return undefined;
  const attributes: Record<string, string> = {};
  for (const [attribute, value] of Object.entries(kept as JsonObject)) {
    if (!XML_NAME.test(attribute) || typeof value !== 'string' || !isXmlText(value)) continue;
    attributes[attribute] = REFERENCES.includes(attribute) ? (rename(value) ?? value) : value;
  }
  return element(name, '', {
    attributes,
    children: (children as readonly JsonValue[]).flatMap((each): (string | XmlNode)[] => {
      if (typeof each === 'string') return isXmlText(each) ? [each] : [];
      const inside = isJsonObject(each) ? restored(each, rename, depth + 1) : undefined;
      return inside === undefined ? [] : [inside];
    }),
  });
}
