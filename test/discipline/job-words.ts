import type { Fault, Source } from './sources.ts';

/** What the web calls jobs, as its catalogue has it under `job`. */
export type JobWords = {
  readonly kind: Readonly<Record<string, string>>;
  readonly step: Readonly<Record<string, string>>;
};

const KIND = /defineJob(?:<[^>(]*>)?\(\{[^}]*?\bkind: '([^']+)'/g;
/** `'probe'`, and `mail ${index}`: a word, and which of several after a blank. */
const STEP = /\bjob\.(?:step|write)(?:<[^>(]*>)?\(\s*(?:'([^']+)'|`([^`$]*)\$\{[^`]*`)/g;

/** Kinds and steps of jobs that a page would show by their code, as nobody gave them words. */
export function jobWordFaults({ path, text }: Source, words: JobWords): Fault[] {
  const faults = (rule: 'kind' | 'step', codes: readonly string[]) =>
    codes
      .filter((code) => words[rule][code.replaceAll('.', '_')] === undefined)
      .map((code) => ({ rule: `${rule} of a job without words`, at: path, what: code }));
  const kinds = [...text.matchAll(KIND)].map(([, kind]) => kind!);
  const steps = [...text.matchAll(STEP)].map(([, whole, start]) => whole ?? start!.trimEnd());
  return [...faults('kind', kinds), ...faults('step', steps)];
}
