import { ProblemError } from '@yinglian/contract';
import { useTranslation } from 'react-i18next';
import { Findings } from './findings.tsx';
import { Icon } from './icon.tsx';

/** The code of a refusal; a server that cannot be reached has one too. */
export function codeOf(fault: unknown): string {
  if (fault instanceof ProblemError) return fault.problem.code;
  return fault instanceof TypeError ? 'unreachable' : 'unexpected';
}

/** A refusal in the reader's words: what happened, what to do, and what was found. */
export function ProblemNote({ fault, again }: { fault: unknown; again?: () => void }) {
  const { t } = useTranslation('kernel');
  if (fault === null || fault === undefined) return null;
  const code = codeOf(fault);
  const problem = fault instanceof ProblemError ? fault.problem : undefined;
  const known = t(`problem.${code}.what`, { defaultValue: '' }) !== '';
  // A rule that does not hold is no edit of somebody else, though both are conflicts.
  const ruled =
    code === 'conflict' &&
    (problem?.findings?.length ?? 0) > 0 &&
    !problem?.findings?.some((each) => each.code === 'mismatched_version');
  const shown = ruled ? 'not_now' : known ? code : 'unexpected';
  return (
    <div className="problem" role="alert">
      <Icon name="warning" />
      <div>
        <p className="problem-what">{t(`problem.${shown}.what`)}</p>
        <p>{t(`problem.${shown}.remedy`)}</p>
        {problem?.findings === undefined ? null : <Findings findings={problem.findings} />}
        {problem?.requestId === undefined ? null : (
          <p className="finding-place">{t('requestId', { id: problem.requestId })}</p>
        )}
        {again === undefined ? null : (
          <button type="button" className="button" onClick={again}>
            {t('again')}
          </button>
        )}
      </div>
    </div>
  );
}
