import type { contract, ResultOf } from '@yinglian/contract';

/** Rates that projects run at. */
export const RATES = ['24', '24000/1001', '25', '30000/1001', '30', '48', '50', '60000/1001', '60'];

export type Project = ResultOf<typeof contract.projects.get>;
export type Status = Project['settings']['taskFlow'][number];

/** A status in the language of the page. */
export function statusWord(flow: readonly Status[], code: string, language: string): string {
  const status = flow.find((each) => each.code === code);
  if (status === undefined) return code;
  return language.startsWith('zh') ? status.zh : status.en;
}
