import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseTerms, termsJsonSchema } from '@yinglian/settlement';
import { describe, expect, it } from 'vitest';
import { templates } from '../apps/server/src/settlement/templates.ts';
import {
  blankOf,
  isTaken,
  kindOf,
  membersOf,
  type Schema,
  shapeOf,
  tellingMember,
  type Value,
  withMember,
} from '../apps/web/src/settlement/terms-form/schema.ts';

type Words = { field: Record<string, string>; choice: Record<string, Record<string, string>> };
type Catalogue = { form: Words; role: Record<string, string> };

const PLACE = join(import.meta.dirname, '../apps/web/src/settlement/locale');
const catalogue = (language: string) =>
  JSON.parse(readFileSync(join(PLACE, `${language}.json`), 'utf8')) as Catalogue;
const schema = termsJsonSchema() as Schema;
const kinds = schema.oneOf!;

/** Every part of the schema with the member it stands under. */
function* partsOf(part: Schema, name: string): Generator<readonly [string, Schema]> {
  yield [name, part];
  for (const [inner, each] of Object.entries(part.properties ?? {})) yield* partsOf(each, inner);
  for (const each of [...(part.oneOf ?? []), ...(part.anyOf ?? [])]) yield* partsOf(each, name);
  if (part.items !== undefined) yield* partsOf(part.items, name);
  const named = part.additionalProperties;
  if (typeof named === 'object') yield* partsOf(named, name);
}

describe('the form of terms', () => {
  it.each(['zh-CN', 'en'])('has words in %s for whatever the language can state', (language) => {
    const { form, role } = catalogue(language);
    const silent = new Set<string>();
    for (const [name, part] of partsOf(schema, 'terms')) {
      if (name === 'terms' || name === 'format') continue;
      if (form.field[name] === undefined) silent.add(name);
      const told = (value: string) =>
        form.choice[name]?.[value] ?? (name === 'role' ? role[value] : undefined);
      for (const value of part.enum ?? []) {
        if (told(value) === undefined) silent.add(`${name}=${value}`);
      }
    }
    for (const [, part] of partsOf(schema, 'terms')) {
      if (part.oneOf === undefined || part === schema) continue;
      const telling = tellingMember(part.oneOf);
      for (const kind of telling === undefined ? [] : part.oneOf) {
        const value = kind.properties![telling!]!.const!;
        if (form.choice[telling!]?.[value] === undefined) silent.add(`${telling}=${value}`);
      }
    }
    expect([...silent]).toEqual([]);
  });

  it('shows every ready-made set of terms by its own kind, and keeps what it leaves', () => {
    for (const { terms } of templates()) {
      const chosen = kindOf(kinds, terms as Value);
      expect(chosen.properties!['kind']!.const).toBe(terms['kind']);
      for (const name of Object.keys(terms)) expect(chosen.properties, name).toHaveProperty(name);
      const touched = withMember(membersOf(terms as Value), 'note', 'x');
      expect(parseTerms(touched).ok).toBe(true);
      expect(withMember(touched, 'note', '')).toEqual(terms);
    }
  });

  it('makes cards that lack only what a person has to write', () => {
    for (const [name, part] of partsOf(schema, 'terms')) {
      const shape = shapeOf(part);
      if (shape.as !== 'cards') continue;
      const card = blankOf(shape.items);
      const asked = shape.items.required ?? kindOf(shapeKinds(shape.items), card).required ?? [];
      for (const member of asked) expect(membersOf(card), name).toHaveProperty(member);
    }
  });

  it('takes the texts that the language takes', () => {
    const rates = [...partsOf(schema, 'terms')].filter(([name]) => name === 'share');
    const texts = rates.map(([, part]) => part).filter((part) => shapeOf(part).as === 'text');
    expect(texts.length).toBeGreaterThan(0);
    for (const part of texts) {
      expect(isTaken(part, '43%')).toBe(true);
      expect(isTaken(part, '4x%')).toBe(false);
    }
    expect(texts.some((part) => isTaken(part, 'rest'))).toBe(true);
  });
});

const shapeKinds = (part: Schema): readonly Schema[] => part.oneOf ?? part.anyOf ?? [];
