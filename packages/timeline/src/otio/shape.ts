import type { JsonShaper } from '../json/read.ts';
import { type JsonObject, textMember } from '../json/value.ts';
import type { TimelineObject } from '../model.ts';
import { quickClip } from './quick.ts';

/** What a list of the document holds once it has been made, in place of its JSON. */
export class Made {
  readonly object: TimelineObject;
  constructor(object: TimelineObject) {
    this.object = object;
  }
}

/** Where a cut is being read, and the schemas that may stand there. */
type Inside = { readonly at: string; readonly schemas: ReadonlySet<string> };

const IN_TRACKS = new Set(['Stack.1', 'Track.1']);
const IN_COLLECTIONS = new Set([...IN_TRACKS, 'Timeline.1', 'SerializableCollection.1']);
const STACK_ONLY = new Set(['Stack.1']);
/** What a cut has most of, none of which holds another item: made as soon as they are read. */
const LEAVES = new Set(['Clip.1', 'Clip.2', 'Gap.1', 'Transition.1']);

/**
 * Makes the clips of a cut while it is being read, so that the JSON of all of them never stands in
 * memory at once. Only where every owner is one that will accept them: elsewhere, as in metadata
 * and in schemas that are not known, JSON stays JSON.
 */
export function shaperOf(
  read: (json: JsonObject, at: string) => TimelineObject | undefined,
): JsonShaper<Inside> {
  return {
    root: { at: '', schemas: IN_COLLECTIONS },
    member: (owner, { at, schemas }, name) => {
      const schema = textMember(owner, 'OTIO_SCHEMA') ?? '';
      if (!schemas.has(schema)) return undefined;
      if (name === 'tracks' && schema === 'Timeline.1') {
        return { at: `${at}/tracks`, schemas: STACK_ONLY };
      }
      if (name !== 'children' || schema === 'Timeline.1') return undefined;
      return {
        at: `${at}/children`,
        schemas: schema === 'SerializableCollection.1' ? IN_COLLECTIONS : IN_TRACKS,
      };
    },
    element: ({ at, schemas }, index) => ({ at: `${at}/${index}`, schemas }),
    take: (cursor) => {
      const made = quickClip(cursor);
      return made === undefined ? undefined : (new Made(made) as unknown as JsonObject);
    },
    shape: (json, { at }) => {
      if (!LEAVES.has(textMember(json, 'OTIO_SCHEMA') ?? '')) return json;
      const made = read(json, at);
      return made === undefined ? json : (new Made(made) as unknown as JsonObject);
    },
  };
}
