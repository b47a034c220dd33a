import { Link } from '@tanstack/react-router';
import type { Permission } from '@yinglian/contract';
import { useTranslation } from 'react-i18next';
import { Icon } from '../kernel/parts/icon.tsx';
import { useSession } from '../kernel/session.ts';
import type { Life, Stage } from './life-line.tsx';

/** Where a stage is begun, and who may. */
const BEGINNINGS = {
  shoot: ['/production', 'production.write'],
  ingest: ['/production', 'production.write'],
  review: ['/production', 'production.review'],
  master: ['/production', 'production.accept'],
  package: ['/distribution/build', 'distribution.build'],
  keys: ['/distribution/keys/issue', 'distribution.issue_keys'],
  show: ['/distribution/readiness', 'distribution.read'],
  report: ['/exhibition/reports/import', 'exhibition.report'],
  settle: ['/settlement/settle', 'settlement.write'],
} as const satisfies Record<Stage['stage'], readonly [string, Permission]>;

/** Of a life, the stage that wants somebody: first what went wrong, then what is next. */
export function nextStage(life: Life): Stage | undefined {
  const { stages } = life;
  // What was passed over, such as a review without notes, does not hold up what comes after it.
  const reached = stages.findLastIndex((each) => each.state !== 'empty');
  return stages.find((each) => each.state === 'failed')
    ?? stages.find((each) => each.state === 'late')
    ?? stages.find((each, at) => each.state === 'empty' && each.stage !== 'shoot' && at > reached);
}

/** What to do next for this film, as one sentence and one button. */
export function NextStep({ life }: { life: Life }) {
  const { t } = useTranslation('film');
  const { can } = useSession();
  const running = life.stages.find((each) => each.state === 'running');
  const stage = nextStage(life);
  if (stage === undefined && running === undefined) {
    return <p className="next next-done"><Icon name="check" />{t('next.done')}</p>;
  }
  if (stage === undefined || (running !== undefined && stage.state === 'empty')) {
    return (
      <p className="next"><Icon name="jobs" />
        {t('next.running', { stage: t(`stage.${running?.stage ?? 'ingest'}`) })}
      </p>
    );
  }
  const [to, permission] = BEGINNINGS[stage.stage];
  return (
    <div className="next">
      <div>
        <strong>{t('next.title')}</strong>
        <p>{t(`next.${stage.state === 'empty' ? 'begin' : stage.state}.${stage.stage}`)}</p>
      </div>
      {can(permission) ? (
        <Link to={to} className="button button-first">
          {t(`nextAction.${stage.stage}`)}<Icon name="arrow" />
        </Link>
      ) : <span className="muted">{t('next.others')}</span>}
    </div>
  );
}
