/** The part of JSON Schema (2020-12) that the terms language is published in. */
export type Schema = {
  type?: string;
  properties?: Readonly<Record<string, Schema>>;
  required?: readonly string[];
  items?: Schema;
  enum?: readonly string[];
  const?: string;
  anyOf?: readonly Schema[];
  oneOf?: readonly Schema[];
  additionalProperties?: Schema | boolean;
  pattern?: string;
  minItems?: number;
  maxLength?: number;
};

/** A value of the terms: what is written stands as text, to the digit. */
export type Value = string | boolean | readonly Value[] | { readonly [name: string]: Value };
/** Members of an object by their names. */
export type Members = { readonly [name: string]: Value };

/** How a part of the terms is put on the page. */
export type Shape =
  | { readonly as: 'fixed' }
  | { readonly as: 'choice'; readonly values: readonly string[] }
  | { readonly as: 'text'; readonly date: boolean }
  | { readonly as: 'words' }
  | { readonly as: 'texts' }
  | { readonly as: 'cards'; readonly items: Schema }
  | { readonly as: 'group'; readonly properties: Readonly<Record<string, Schema>> }
  | { readonly as: 'named'; readonly items: Schema }
  | { readonly as: 'kinds'; readonly kinds: readonly Schema[] };

const DAY = '^\\d{4}-\\d{2}-\\d{2}$';

/** The shape of a part, from what its schema allows. */
export function shapeOf(schema: Schema): Shape {
  const among = schema.oneOf ?? schema.anyOf;
  if (among !== undefined) {
    return among.every((each) => each.properties !== undefined)
      ? { as: 'kinds', kinds: among }
      : { as: 'text', date: false };
  }
  if (schema.const !== undefined) return { as: 'fixed' };
  if (schema.enum !== undefined) return { as: 'choice', values: schema.enum };
  if (schema.type === 'array') {
    const items = schema.items ?? {};
    return shapeOf(items).as === 'text' || items.enum !== undefined
      ? { as: 'texts' }
      : { as: 'cards', items };
  }
  const { properties, additionalProperties } = schema;
  if (properties !== undefined) {
    const isWords = Object.keys(properties).join() === 'zh,en';
    return isWords ? { as: 'words' } : { as: 'group', properties };
  }
  return typeof additionalProperties === 'object'
    ? { as: 'named', items: additionalProperties }
    : { as: 'text', date: schema.pattern === DAY };
}

/** Which kind of several a value is: the one whose fixed members it has; else the first. */
export function kindOf(kinds: readonly Schema[], value: Value | undefined): Schema {
  const members = membersOf(value);
  const fits = (each: Schema) => Object.entries(each.properties ?? {}).every(
    ([name, { const: fixed }]) => fixed === undefined || fixed === members[name]);
  return kinds.find(fits) ?? kinds[0] ?? {};
}

/** The member that tells the kinds apart, and what it is in each. */
export function tellingMember(kinds: readonly Schema[]): string | undefined {
  return Object.keys(kinds[0]?.properties ?? {}).find((name) => {
    const values = kinds.map((each) => each.properties?.[name]?.const);
    return values.every((each) => each !== undefined) && new Set(values).size === kinds.length;
  });
}

/** The least that a schema asks for: a new card, ready to be filled in. */
export function blankOf(schema: Schema): Value {
  const shape = shapeOf(schema);
  if (shape.as === 'kinds') return blankOf(shape.kinds[0] ?? {});
  if (shape.as === 'fixed') return schema.const ?? '';
  if (shape.as === 'choice') return shape.values[0] ?? '';
  if (shape.as === 'words') return { zh: '', en: '' };
  if (shape.as === 'texts') return [];
  if (shape.as === 'cards') return (schema.minItems ?? 0) > 0 ? [blankOf(shape.items)] : [];
  if (shape.as !== 'group') return shape.as === 'named' ? {} : '';
  return Object.fromEntries(Object.entries(shape.properties)
    .filter(([name]) => schema.required?.includes(name) === true)
    .map(([name, each]) => [name, blankOf(each)]));
}

/** Whether a text is one that its schema takes; no text is judged where none is asked for. */
export function isTaken(schema: Schema, text: string): boolean {
  const among = schema.anyOf ?? schema.oneOf;
  if (among !== undefined) return among.some((each) => isTaken(each, text));
  if (schema.const !== undefined) return schema.const === text;
  return schema.pattern === undefined || new RegExp(schema.pattern).test(text);
}

/** The members of an object; of anything else, none. */
export function membersOf(value: Value | undefined): Members {
  return typeof value === 'object' && !isList(value) ? value : {};
}

/** The members of a list; of anything else, none. */
export function listOf(value: Value | undefined): readonly Value[] {
  return value !== undefined && isList(value) ? value : [];
}

/** An object with one member changed, or without it where there is nothing to say. */
export function withMember(of: Members, name: string, value: Value | undefined): Members {
  if (value !== undefined && value !== '') return { ...of, [name]: value };
  const { [name]: _, ...others } = of;
  return others;
}

function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}
