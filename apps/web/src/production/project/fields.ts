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

/** Companies that are of the project, or asked to be. */
export function presentCompanies(of: Project): Project['participants'] {
  return of.participants.filter((each) => each.state !== 'left');
}

/** Reads the fields of a form as trimmed text; one that is not there is empty. */
export function formText(form: FormData): (field: string) => string {
  return (field) => String(form.get(field) ?? '').trim();
}

type Change = {
  readonly field: string; readonly subjectKind: 'shot' | 'task';
  readonly before: string | null; readonly after: string | null;
};

/** `状态：制作中 → 待审`: what a change was, as people say it. */
export function changeWord(
  of: Change, project: Project, t: (key: string, more: { defaultValue: string }) => string,
  language: string,
): string {
  const { settings } = project;
  const flow = of.subjectKind === 'shot' ? settings.shotFlow : settings.taskFlow;
  const companies = [
    { organisationId: project.ownerId, organisationName: project.ownerName },
    ...project.participants,
  ];
  const word = (value: string | null): string => {
    if (value === null || value === '') return '—';
    if (of.field === 'status') return statusWord(flow, value, language);
    if (value === 'true' || value === 'false') {
      return t(`project.truth.${value}`, { defaultValue: value });
    }
    return companies.find((each) => each.organisationId === value)?.organisationName ?? value;
  };
  const field = t(`project.field.${of.field}`, { defaultValue: of.field });
  return `${field}: ${word(of.before)} → ${word(of.after)}`;
}
