import { type JsonObject, type JsonValue, setMember, writeJson } from '@yinglian/timeline';
import { identifierMembers, type OmcEntity, type OmcGraph } from './graph.ts';
import { ENTITY_TYPES, OMC_SCHEMA } from './vocabulary.ts';

/** A list of all entities, or a list for each kind. */
export type OmcForm = 'list' | 'kinds';

/** A graph as JSON of {@link OMC_SCHEMA}: each entity once, others named by reference. */
export function writeOmc(graph: OmcGraph, form: OmcForm = 'list'): string {
  const written = graph.entities.map((each) => ({ type: each.entityType, json: entityJson(each) }));
  if (form === 'list') return `${writeJson(written.map(({ json }) => json))}\n`;
  const kinds: Record<string, JsonValue> = {};
  const order = [...ENTITY_TYPES, ...new Set(written.map(({ type }) => type))];
  for (const kind of new Set(order)) {
    const own = written.filter(({ type }) => type === kind).map(({ json }) => json);
    if (own.length > 0) setMember(kinds, kind, own);
  }
  return `${writeJson(kinds)}\n`;
}

function entityJson(of: OmcEntity): JsonObject {
  return {
    schemaVersion: OMC_SCHEMA,
    entityType: of.entityType,
    identifier: of.identifiers.map(identifierMembers),
    ...of.members,
  };
}
