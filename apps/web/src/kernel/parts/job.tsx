import type { contract, OutputOf } from '@yinglian/contract';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { answers, api, forget } from '../api.ts';
import { useFormat } from '../format.ts';
import { Findings } from './findings.tsx';
import { ProblemNote } from './problem.tsx';
import { State } from './state.tsx';

export type Job = OutputOf<typeof contract.jobs.get.result>;

/** The name of a job's kind or step; one that has no words yet is shown as its code. */
export function useJobWords() {
  const { t } = useTranslation('kernel');
  return {
    kind: (code: string) => t(`job.kind.${code.replaceAll('.', '_')}`, { defaultValue: code }),
    /** `mail 2` is the third of several steps of one name; an id behind it says nothing here. */
    step: (code: string) => {
      const [, name = code, part] = /^(\S+) (\S+)$/.exec(code) ?? [];
      const word = t(`job.step.${name.replaceAll('.', '_')}`, { defaultValue: name });
      return part !== undefined && /^\d+$/.test(part) ? `${word} ${Number(part) + 1}` : word;
    },
  };
}

/** A bar for work whose length is known, a moving one where it is not. */
export function Progress({ value, label }: { value: number | null; label: string }) {
  const percent = value === null ? undefined : Math.round(value * 100);
  return (
    <div
      className={value === null ? 'progress progress-unknown' : 'progress'}
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={percent}
    >
      <span style={{ inlineSize: `${percent ?? 40}%` }} />
    </div>
  );
}

/** One job: what, how far, and what can be done about it. */
export function JobLine({ job }: { job: Job }) {
  const { t } = useTranslation('kernel');
  const format = useFormat();
  const words = useJobWords();
  const [fault, setFault] = useState<unknown>(null);
  const alive = job.finishedAt === null;
  const act = async (verb: 'cancel' | 'retry') => {
    try {
      const changed = await api.jobs[verb]({ params: { id: job.id } });
      answers.setQueryData(['jobs', 'get', { params: { id: job.id } }], changed);
      setFault(null);
      await forget('jobs');
    } catch (caught) {
      setFault(caught);
    }
  };
  return (
    <div className="job">
      <div className="job-head">
        <strong>{words.kind(job.kind)}</strong>
        <State state={job.state} />
      </div>
      {alive ? <Progress value={job.progress} label={words.kind(job.kind)} /> : null}
      <div className="job-foot">
        <span>
          {alive && job.step !== null ? words.step(job.step) : format.moment(job.createdAt)}
        </span>
        {alive ? (
          <button type="button" className="link-button" onClick={() => void act('cancel')}>
            {t('cancel')}
          </button>
        ) : null}
        {job.state === 'failed' || job.state === 'cancelled' ? (
          <button type="button" className="link-button" onClick={() => void act('retry')}>
            {t('again')}
          </button>
        ) : null}
      </div>
      {job.state === 'failed' ? <Findings findings={job.findings} /> : null}
      <ProblemNote fault={fault} />
    </div>
  );
}
