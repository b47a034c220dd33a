import { type Finding, finding } from '@yinglian/core';
import type { Instrument } from '@yinglian/policy';
import type { Column, Field, RegisterDefinition, Take } from './model.ts';

/**
 * What an author of a register did wrong: names that nothing defines, actions that no way leads
 * to, feeds that give facts the instrument does not ask for or of another kind, personal
 * data that no term ever erases.
 */
export function checkRegister(
  register: RegisterDefinition,
  instruments: readonly Instrument[],
): Finding[] {
  const names = new Map(register.fields.map((each) => [each.name, each]));
  const undefinedNames = [
    ...register.identity,
    register.headline,
    ...(register.validUntilField === undefined ? [] : [register.validUntilField]),
    ...(register.levels === undefined ? [] : [register.levels.field]),
    ...(register.beneficiary.by === 'rows' ? [register.beneficiary.field] : []),
    ...(register.selection?.categoryField == null ? [] : [register.selection.categoryField]),
    ...register.feeds.flatMap((feed) => [
      ...feed.needs.map(({ field }) => field),
      ...feed.facts.flatMap(({ from }) => ('field' in from ? [from.field] : [])),
    ]),
  ].filter((name) => !names.has(name));
  const personal = register.fields.some((each) => each.personal === true);
  return [
    ...[...new Set(undefinedNames)].map((field) =>
      finding('undefined_field', 'error', { facts: { field } }),
    ),
    ...lifeFaults(register),
    ...register.feeds.flatMap((feed) => feedFaults(register, feed, names, instruments)),
    ...(personal && register.keepingMonths === null
      ? [finding('missing_keeping_term', 'error')]
      : []),
  ];
}

/** Actions that no way from the draft leads to. */
function lifeFaults({ actions }: RegisterDefinition): Finding[] {
  const reached = new Set<string>(['draft']);
  for (let grown = true; grown;) {
    grown = false;
    for (const { from, to } of actions) {
      if (reached.has(to) || !from.some((state) => reached.has(state))) continue;
      reached.add(to);
      grown = true;
    }
  }
  return actions
    .filter(({ from }) => !from.some((state) => reached.has(state)))
    .map(({ action }) => finding('unreachable_action', 'error', { facts: { action } }));
}

function feedFaults(
  register: RegisterDefinition,
  feed: RegisterDefinition['feeds'][number],
  names: ReadonlyMap<string, Field>,
  instruments: readonly Instrument[],
): Finding[] {
  const instrument = instruments.find(({ code }) => code === feed.instrument);
  const rule = instrument?.rules.find(({ item }) => item === feed.item);
  if (instrument === undefined || rule === undefined) {
    const facts = { instrument: feed.instrument, item: feed.item };
    return [finding('undefined_item', 'error', { facts })];
  }
  const documents = new Set([...register.documents.map(({ code }) => code), 'extract']);
  const wanted = new Set(rule.evidence.map(({ code }) => code));
  const facts = feed.facts.flatMap(({ fact, from }) => {
    const kind = instrument.facts.find(({ name }) => name === fact)?.kind;
    const given = kindOf(from, names);
    if (kind !== undefined && (given === undefined || given === kind)) return [];
    return [finding('mismatched_feed', 'error', { facts: { item: feed.item, fact } })];
  });
  const evidence = feed.evidence
    .filter(({ code, from }) => !documents.has(from) || !wanted.has(code))
    .map(({ code }) => finding('mismatched_feed', 'error', { facts: { item: feed.item, code } }));
  return [...facts, ...evidence];
}

/** The kind of fact that a source gives; undefined where its value decides. */
function kindOf(from: Take, names: ReadonlyMap<string, Field>): string | undefined {
  if (from.take === 'value') return typeof from.value === 'boolean' ? 'yes_no' : undefined;
  if (from.take === 'map') return 'choice';
  const field = names.get(from.field);
  if (from.take === 'field') return field?.kind;
  if (from.take === 'count' || field?.kind !== 'table') return 'count';
  return field.columns.find((each: Column) => each.name === from.column)?.kind;
}
