import { type Finding, finding } from '@yinglian/core';
import { virtualTracks } from './composition.ts';
import type { ImfComposition, OutputProfile } from './model.ts';

/**
 * Judges an output profile (ST 2067-100): the composition it is for, names that are used twice, and
 * every handle, which must lead to a virtual track of the composition, to an alias, or to the
 * output of a macro of the profile, never to a macro's own output.
 */
export function checkOutputProfile(
  profile: OutputProfile,
  compositions: readonly ImfComposition[],
  file: string,
): Finding[] {
  const findings: Finding[] = [];
  const tell = (
    code: string,
    facts: Finding['facts'] = {},
    severity: Finding['severity'] = 'error',
  ) =>
    void findings.push(finding(code, severity, { at: { file }, facts, clause: 'ST 2067-100 7' }));
  const composition = compositions.find(({ id }) => id === profile.compositionId);
  if (composition === undefined) {
    tell('missing_profile_composition', { id: profile.compositionId ?? '' }, 'warning');
  }
  const macros = new Set<string>();
  for (const { name } of profile.macros) {
    if (macros.has(name)) tell('duplicate_macro_name', { name });
    macros.add(name);
  }
  const aliases = new Set(profile.aliases.map(({ name }) => name));
  const tracks =
    composition === undefined ? undefined : new Set(virtualTracks(composition).map(({ id }) => id));
  const leads = (handle: string, from: string | undefined): boolean => {
    const [scope, name, ...rest] = handle.split('/');
    if (scope === 'cpl' && name === 'virtual-tracks') {
      return tracks === undefined || tracks.has((rest[0] ?? '').toLowerCase());
    }
    if (scope === 'macros') return macros.has(name ?? '') && name !== from;
    if (scope === 'alias') return aliases.has([name, ...rest].join('/'));
    return aliases.has(handle);
  };
  for (const { macro, handle } of profile.inputs) {
    if (!leads(handle, macro)) tell('dangling_handle', { macro, handle });
  }
  for (const { name, handle } of profile.aliases) {
    if (!leads(handle, undefined)) tell('dangling_handle', { macro: name, handle });
  }
  return findings;
}
