import { compareRatio, type Finding, finding, ratio, type Ratio } from '@yinglian/core';
import type { FlowAction } from '@yinglian/policy';
import { z } from 'zod';
import { checkIndicators, indicatorShape } from './indicators.ts';

/** The three groups of the second measure (湘政办发〔2023〕55号 二), as fields of the catalogue. */
export const CATALOGUE_FIELDS = ['equipment', 'software', 'immersive'] as const;
/** The three kinds of programme that the measure names (M2.3). */
export const CATALOGUE_PROGRAMMES = ['key_research', 'major_research', 'manufacturing'] as const;

/** One task of the catalogue 攻关目录. */
export const entryShape = z.object({
  code: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9-]{1,30}$/),
  title: z.string().trim().min(2).max(200),
  need: z.string().trim().min(10).max(5_000),
  field: z.enum(CATALOGUE_FIELDS),
  programme: z.enum(CATALOGUE_PROGRAMMES),
  indicators: z.array(indicatorShape).max(50),
  /** Last day on which the result is due. */
  due: z.iso.date(),
  /** What the department gives at most, in fen; null is 自筹. */
  budgetFen: z
    .string()
    .regex(/^\d{1,17}$/)
    .nullable(),
  /** Who owns what comes out, and who may use it. */
  rights: z.string().trim().max(2_000),
  /** Who asked for it. */
  proposer: z.string().trim().max(200),
});
/** One task with its indicators. */
export type CatalogueEntry = z.infer<typeof entryShape>;

/** A task that may be published: testable, with terms for rights, one code for one task. */
export function checkEntries(entries: readonly CatalogueEntry[]): Finding[] {
  const found = entries.flatMap((entry, index) => {
    const path = `$.entries[${index}]`;
    const own = checkIndicators(entry.indicators, `${path}.indicators`);
    if (entry.rights === '') {
      const facts = { entry: entry.code };
      own.push(finding('missing_rights_terms', 'error', { facts, at: { path } }));
    }
    return own;
  });
  if (entries.length === 0) found.push(finding('empty_catalogue', 'error'));
  const seen = new Set<string>();
  for (const { code } of entries) {
    if (seen.has(code)) found.push(finding('duplicate_entry', 'error', { facts: { code } }));
    seen.add(code);
  }
  for (const { one, other } of similarNeeds(
    entries.map(({ code, need }) => ({ id: code, need })),
  )) {
    const facts = { code: one, other };
    found.push(finding('similar_entries', 'warning', { facts }));
  }
  return found;
}

/** From this share of common pairs of characters on, two needs are shown to a person. */
export const SIMILAR_SHARE: Ratio = ratio(1, 2);

/** Needs that may be the same, for 去重合并: pairs of characters in common (Jaccard). */
export function similarNeeds(
  needs: readonly { readonly id: string; readonly need: string }[],
): { readonly one: string; readonly other: string; readonly share: Ratio }[] {
  const sets = needs.map(({ id, need }) => ({ id, pairs: pairsOf(need) }));
  return sets.flatMap((one, index) =>
    sets.slice(index + 1).flatMap((other) => {
      const common = [...one.pairs].filter((pair) => other.pairs.has(pair)).length;
      const all = one.pairs.size + other.pairs.size - common;
      if (all === 0) return [];
      const share = ratio(common, all);
      return compareRatio(share, SIMILAR_SHARE) < 0
        ? []
        : [{ one: one.id, other: other.id, share }];
    }),
  );
}

function pairsOf(text: string): ReadonlySet<string> {
  const characters = [
    ...text
      .normalize('NFKC')
      .toLowerCase()
      .replace(/[\s\p{P}]+/gu, ''),
  ];
  return new Set(characters.slice(1).map((each, index) => characters[index]! + each));
}

/** Where a catalogue can be: 征集 → 去重合并 → 论证 → 公示 → 发布 → 更新 → 结题. */
export type CatalogueState =
  | 'collecting'
  | 'merging'
  | 'arguing'
  | 'on_notice'
  | 'published'
  | 'revising'
  | 'closed';
/** What must hold before a stage ends. */
export type CatalogueGuard =
  | 'testable'
  | 'reason_given'
  | 'notice_over'
  | 'no_open_objection'
  | 'four_eyes';
/** Who leads a catalogue from stage to stage. */
export type CatalogueRole = 'officer' | 'approver';
/** One action of the catalogue's life. */
export type CatalogueAction = FlowAction<CatalogueState, CatalogueRole, CatalogueGuard>;

/** The life of a catalogue as data. */
export const CATALOGUE_FLOW: readonly CatalogueAction[] = Object.freeze([
  { action: 'merge', from: ['collecting'], to: 'merging', role: 'officer', guards: [] },
  { action: 'argue', from: ['merging'], to: 'arguing', role: 'officer', guards: [] },
  {
    action: 'put_on_notice',
    from: ['arguing', 'revising'],
    to: 'on_notice',
    role: 'officer',
    guards: ['testable', 'reason_given'],
  },
  {
    action: 'take_back',
    from: ['on_notice'],
    to: 'arguing',
    role: 'officer',
    guards: ['reason_given'],
  },
  {
    action: 'publish',
    from: ['on_notice'],
    to: 'published',
    role: 'approver',
    guards: ['testable', 'notice_over', 'no_open_objection', 'four_eyes'],
    apartFrom: ['put_on_notice'],
  },
  {
    action: 'revise',
    from: ['published'],
    to: 'revising',
    role: 'officer',
    guards: ['reason_given'],
  },
  {
    action: 'close',
    from: ['published'],
    to: 'closed',
    role: 'approver',
    guards: ['reason_given'],
  },
] as const);

/** Which finding says that a guard does not hold. */
export const CATALOGUE_UNMET: Readonly<Record<CatalogueGuard, string>> = Object.freeze({
  testable: 'untestable_catalogue',
  reason_given: 'missing_case_reason',
  notice_over: 'unfinished_notice',
  no_open_objection: 'open_objection',
  four_eyes: 'missing_second_person',
});

/** What a new version changed. */
export type CatalogueChange = {
  readonly code: string;
  readonly change: 'added' | 'removed' | 'changed';
};

/** The tasks that differ between two versions, by code. */
export function compareCatalogues(
  earlier: readonly CatalogueEntry[],
  later: readonly CatalogueEntry[],
  same: (a: CatalogueEntry, b: CatalogueEntry) => boolean,
): CatalogueChange[] {
  const before = new Map(earlier.map((entry) => [entry.code, entry]));
  const after = new Map(later.map((entry) => [entry.code, entry]));
  const codes = [...new Set([...before.keys(), ...after.keys()])].toSorted();
  return codes.flatMap((code): CatalogueChange[] => {
    const [old, now] = [before.get(code), after.get(code)];
    if (old === undefined) return [{ code, change: 'added' }];
    if (now === undefined) return [{ code, change: 'removed' }];
    return same(old, now) ? [] : [{ code, change: 'changed' }];
  });
}
