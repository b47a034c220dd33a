import type { IssueInput } from '../issue.ts';

/** What is asked for; the job that issues is told more. */
export type KeyRequest = Omit<IssueInput, 'organisationId' | 'issuedBy' | 'replaces' | 'more'> & {
  readonly replaces?: readonly string[] | undefined;
};
