import { accepted, clipText, type Finding, finding, type Outcome, refused } from '@yinglian/core';
import {
  isJsonObject,
  jsonList,
  type JsonObject,
  type JsonValue,
  member,
  readJson,
  setMember,
  textMember,
  writeJson,
} from '@yinglian/timeline';
import { isEntityType, OMC_SCHEMAS } from './vocabulary.ts';

/** One name of an entity, within the scope that gives it. */
export type OmcIdentifier = {
  readonly scope: string;
  readonly value: string;
  /** `combinedForm`, `url` and whatever else stood beside. */
  readonly extra?: JsonObject;
};

/**
 * A thing of a production. `members` are its properties as they came, but an entity that stood
 * inside another one is an entity of its own here, and a reference `{ identifier: […] }` is left
 * in its place.
 */
export type OmcEntity = {
  readonly entityType: string;
  readonly schemaVersion: string;
  readonly identifiers: readonly OmcIdentifier[];
  readonly members: JsonObject;
};

/** Entities in the order in which they first came. */
export type OmcGraph = { readonly entities: readonly OmcEntity[] };

/** Entities of one file. */
export const ENTITIES_MAX = 1_000_000;
/** Members of an entity that are not properties. */
const HEAD = new Set(['entityType', 'schemaVersion', 'identifier']);

/**
 * Reads a graph: one entity, a list of them, or an object with a list for each kind. The same
 * entity told in several places is joined; where they contradict each other, the first stands and
 * a finding says what the other was.
 */
export function readOmc(text: string): Outcome<OmcGraph> {
  const read = readJson(text);
  if (!read.ok) return read;
  const reader = new GraphReader([...read.findings]);
  if (!reader.root(read.value)) {
    return refused(finding('unexpected_omc_root', 'error', { clause: 'OMC-JSON v2.8' }));
  }
  return accepted(reader.finish(), reader.findings);
}

/** The key of a name: a scope may hold any character but a line feed. */
export function identifierKey(of: OmcIdentifier): string {
  return `${of.scope}\n${of.value}`;
}

/** Identifiers as they are written. */
export function identifierMembers(of: OmcIdentifier): JsonObject {
  return { identifierScope: of.scope, identifierValue: of.value, ...of.extra };
}

/** A reference to an entity: its first identifier, which is enough to find it. */
export function referenceTo(of: Pick<OmcEntity, 'identifiers'>): JsonObject {
  return { identifier: of.identifiers.slice(0, 1).map(identifierMembers) };
}

type Draft = {
  entityType: string;
  schemaVersion: string;
  identifiers: OmcIdentifier[];
  members: Record<string, JsonValue>;
};

type Reference = { readonly key: string; readonly under: string; readonly path: string };

class GraphReader {
  readonly findings: Finding[];
  readonly #drafts: Draft[] = [];
  readonly #byName = new Map<string, Draft>();
  readonly #references: Reference[] = [];

  constructor(findings: Finding[]) {
    this.findings = findings;
  }

  /** False where nothing of a graph is found. */
  root(value: JsonValue): boolean {
    if (Array.isArray(value)) {
      value.forEach((each, index) => this.#rootEntity(each as JsonValue, `/${index}`));
      return true;
    }
    if (!isJsonObject(value)) return false;
    if (member(value, 'entityType') !== undefined) {
      this.#rootEntity(value, '');
      return true;
    }
    const kinds = Object.keys(value).filter(isEntityType);
    if (kinds.length === 0) return false;
    for (const [name, list] of Object.entries(value)) {
      if (!isEntityType(name)) {
        this.#tell('unexpected_omc_member', 'warning', `/${name}`, { member: name });
        continue;
      }
      const each = Array.isArray(list) ? (list as readonly JsonValue[]) : [list];
      each.forEach((entity, index) => this.#rootEntity(entity, `/${name}/${index}`));
    }
    return true;
  }

  finish(): OmcGraph {
    const dangling = new Map<string, Reference>();
    for (const reference of this.#references) {
      const target = this.#byName.get(reference.key);
      if (target === undefined) {
        if (!dangling.has(reference.key)) dangling.set(reference.key, reference);
      } else if (isEntityType(reference.under) && reference.under !== target.entityType) {
        this.#tell('mismatched_reference_type', 'warning', reference.path, {
          expected: reference.under,
          found: target.entityType,
          entity: nameOf(target),
        });
      }
    }
    for (const { key, path } of dangling.values()) {
      this.#tell('dangling_reference', 'note', path, { entity: key.replace('\n', ' ') });
    }
    return {
      entities: this.#drafts.map(({ entityType, schemaVersion, identifiers, members }) => ({
        entityType,
        schemaVersion,
        identifiers,
        members,
      })),
    };
  }

  #rootEntity(value: JsonValue, path: string): void {
    if (isJsonObject(value) && typeof member(value, 'entityType') === 'string') {
      this.#entity(value, path);
    } else if (value !== null) {
      this.#tell('missing_entity_type', 'error', path);
    }
  }

  /** Takes an entity up; gives the reference that stands in its place. */
  #entity(of: JsonObject, path: string): JsonValue {
    const entityType = textMember(of, 'entityType')!;
    if (!isEntityType(entityType)) {
      this.#tell('unknown_entity_type', 'warning', path, { entityType });
    }
    const schemaVersion = textMember(of, 'schemaVersion') ?? '';
    if (schemaVersion === '') this.#tell('missing_schema_version', 'error', path);
    else if (!OMC_SCHEMAS.includes(schemaVersion)) {
      this.#tell('unknown_schema_version', 'warning', path, { schemaVersion });
    }
    const identifiers = this.#identifiers(member(of, 'identifier'), path);
    if (identifiers.length === 0) {
      this.#tell('missing_identifier', 'error', path, { entityType });
      // Without a name nothing can refer to it: it stays whole where it stands.
      return this.#inside(of, path);
    }
    const draft = this.#draftOf(entityType, schemaVersion, identifiers, path);
    for (const [name, value] of Object.entries(of)) {
      if (HEAD.has(name)) continue;
      this.#join(draft, name, this.#value(value, name, `${path}/${name}`), path);
    }
    return { identifier: identifiers.map(identifierMembers) };
  }

  #draftOf(
    entityType: string,
    schemaVersion: string,
    identifiers: OmcIdentifier[],
    path: string,
  ): Draft {
    const keys = identifiers.map(identifierKey);
    const known = keys.map((key) => this.#byName.get(key)).find((each) => each !== undefined);
    const draft = known ?? { entityType, schemaVersion, identifiers: [], members: {} };
    if (known === undefined) this.#drafts.push(draft);
    else if (known.entityType !== entityType) {
      const facts = { expected: known.entityType, found: entityType, entity: nameOf(known) };
      this.#tell('mismatched_entity_type', 'error', path, facts);
    }
    identifiers.forEach((identifier, index) => {
      const key = keys[index]!;
      if (this.#byName.get(key) === undefined) {
        this.#byName.set(key, draft);
        draft.identifiers.push(identifier);
      }
    });
    return draft;
  }

  /** Puts a member to those that are known of an entity; nothing and null say nothing. */
  #join(draft: Draft, name: string, value: JsonValue, path: string): void {
    const before = Object.hasOwn(draft.members, name) ? draft.members[name]! : null;
    if (before === null) {
      setMember(draft.members, name, value);
      return;
    }
    if (value === null) return;
    const joined = joinedValues(before, value);
    if (joined !== undefined) {
      setMember(draft.members, name, joined);
      return;
    }
    const facts = {
      entity: nameOf(draft),
      member: name,
      found: clipText(writeJson(value, 'compact')),
    };
    this.#tell('conflicting_member', 'warning', path, facts);
  }

  #value(value: JsonValue, under: string, path: string): JsonValue {
    if (Array.isArray(value)) {
      return (value as readonly JsonValue[]).map((each, index) =>
        this.#value(each, under, `${path}/${index}`),
      );
    }
    if (!isJsonObject(value)) return value;
    // Data of others are theirs: what looks like an entity in them is none.
    if (under === 'customData') return value;
    if (typeof member(value, 'entityType') === 'string') return this.#entity(value, path);
    const names = Object.keys(value);
    if (names.length === 1 && names[0] === 'identifier') return this.#reference(value, under, path);
    return this.#inside(value, path);
  }

  #inside(of: JsonObject, path: string): JsonObject {
    const made: Record<string, JsonValue> = {};
    for (const [name, value] of Object.entries(of)) {
      const isHead = HEAD.has(name);
      setMember(made, name, isHead ? value : this.#value(value, name, `${path}/${name}`));
    }
    return made;
  }

  #reference(of: JsonObject, under: string, path: string): JsonValue {
    const identifiers = this.#identifiers(member(of, 'identifier'), path);
    const [first] = identifiers;
    if (first === undefined) this.#tell('missing_identifier', 'error', path, { entityType: under });
    else this.#references.push({ key: identifierKey(first), under, path });
    return of;
  }

  #identifiers(value: JsonValue | undefined, path: string): OmcIdentifier[] {
    const made: OmcIdentifier[] = [];
    for (const each of jsonList(value)) {
      if (!isJsonObject(each)) continue;
      const { identifierScope: scope, identifierValue: name, ...extra } = each;
      if (typeof scope !== 'string' || typeof name !== 'string' || name === '') {
        this.#tell('invalid_omc_identifier', 'error', path, {
          text: clipText(writeJson(each, 'compact')),
        });
        continue;
      }
      made.push({ scope, value: name, ...(Object.keys(extra).length === 0 ? {} : { extra }) });
    }
    return made;
  }

  #tell(
    code: string,
    severity: Finding['severity'],
    path: string,
    facts: Readonly<Record<string, string>> = {},
  ): void {
    const at = { element: path === '' ? '/' : path };
    this.findings.push(finding(code, severity, { facts, at, clause: 'OMC-JSON v2.8' }));
  }
}

/** Two tellings of one member as one, or nothing where they contradict each other. */
function joinedValues(a: JsonValue, b: JsonValue): JsonValue | undefined {
  if (a === null) return b;
  if (b === null || writeJson(a, 'compact') === writeJson(b, 'compact')) return a;
  if (Array.isArray(a) && Array.isArray(b)) {
    const seen = new Set((a as readonly JsonValue[]).map((each) => writeJson(each, 'compact')));
    const more = (b as readonly JsonValue[]).filter(
      (each) => !seen.has(writeJson(each, 'compact')),
    );
    return [...(a as readonly JsonValue[]), ...more];
  }
  if (!isJsonObject(a) || !isJsonObject(b)) return undefined;
  const made: Record<string, JsonValue> = { ...a };
  for (const [name, value] of Object.entries(b)) {
    const joined = joinedValues(Object.hasOwn(made, name) ? made[name]! : null, value);
    if (joined === undefined) return undefined;
    setMember(made, name, joined);
  }
  return made;
}

function nameOf(of: { readonly identifiers: readonly OmcIdentifier[] }): string {
  const [first] = of.identifiers;
  return first === undefined ? '' : `${first.scope} ${first.value}`;
}
