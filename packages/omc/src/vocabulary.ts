/** The version that is written (`schemaVersion` of every entity). */
export const OMC_SCHEMA = 'https://movielabs.com/omc/json/schema/v2.8';

/** Versions that are read; they differ in what they deprecate, not in how a graph is told. */
export const OMC_SCHEMAS: readonly string[] = [
  'https://movielabs.com/omc/json/schema/v2.0',
  'https://movielabs.com/omc/json/schema/v2.1',
  'https://movielabs.com/omc/json/schema/v2.6',
  OMC_SCHEMA,
];

/** Kinds of entities (OMC-JSON v2.8, `rootEntity`). */
export const ENTITY_TYPES: readonly string[] = [
  'Asset',
  'AssetSC',
  'Infrastructure',
  'InfrastructureSC',
  'Character',
  'Context',
  'CreativeWork',
  'Depiction',
  'Effect',
  'NarrativeAction',
  'NarrativeAudio',
  'NarrativeLocation',
  'NarrativeObject',
  'NarrativeScene',
  'NarrativeStyling',
  'NarrativeWardrobe',
  'ProductionLocation',
  'ProductionScene',
  'Sequence',
  'Slate',
  'SpecialAction',
  'Department',
  'Organization',
  'Participant',
  'Person',
  'Role',
  'Service',
  'Task',
  'TaskSC',
  'Composition',
  'Collection',
  'Location',
];

const KNOWN = new Set(ENTITY_TYPES);

/** Whether a word is the name of a kind of entity. */
export function isEntityType(word: string): boolean {
  return KNOWN.has(word);
}
