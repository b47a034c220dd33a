import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask, forget } from '../kernel/api.ts';
import { useFormat } from '../kernel/format.ts';
import { Empty, Page, Section, Waiting } from '../kernel/parts/page.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import { Records } from '../kernel/parts/records.tsx';
import { useSession } from '../kernel/session.ts';
import { ReviewDesk } from './review-desk.tsx';
import { RoundDesk } from './round-desk.tsx';
import { browserSealing, keepFile, newKeyFile } from './sealing.ts';
import './opencall.css';

/** What a signed-in person does in open calls: keys, reviews, projects, the officer's rounds. */
export function OpencallDeskPage() {
  const { t } = useTranslation('opencall');
  const { can } = useSession();
  return (
    <Page
      title={t('myDesk')}
      lead={t('deskLead')}
      actions={
        <Link className="button" to="/opencall">
          {t('title')}
        </Link>
      }
    >
      <ReviewDesk />
      {can('policy.manage') || can('policy.decide') ? <OfficerRounds /> : null}
      <Projects />
      <Keys />
    </Page>
  );
}

function Keys() {
  const { t } = useTranslation('opencall');
  const [fault, setFault] = useState<unknown>(null);
  const { data } = useQuery(ask('opencall', 'ownKey'));
  const sealing = browserSealing();
  const make = async () => {
    if (sealing === undefined) return;
    try {
      const keys = await newKeyFile(sealing);
      // Kept first: a registered key that nobody holds opens nothing.
      keepFile('yinglian.opencall-keys.json', keys);
      const {
        sealing: { publicKey },
        signing,
      } = keys;
      await api.opencall.saveKey({ body: { sealing: publicKey, signing: signing.publicKey } });
      await forget('opencall');
    } catch (caught) {
      setFault(caught);
    }
  };
  return (
    <Section title={t('keys')}>
      <p>{t('keysText')}</p>
      <p className="opencall-hash">{data?.sealing ?? t('noKeys')}</p>
      {sealing === undefined ? (
        <p className="notice-line">{t('noCrypto')}</p>
      ) : (
        <button type="button" className="button" onClick={() => void make()}>
          {t('makeKeys')}
        </button>
      )}
      <ProblemNote fault={fault} />
    </Section>
  );
}

/** The rounds that the acting organisation leads; the server says which they are. */
function OfficerRounds() {
  const { t } = useTranslation('opencall');
  const format = useFormat();
  const [open, setOpen] = useState<string | null>(null);
  const rounds = useQuery(ask('opencall', 'rounds'));
  if (rounds.isPending) return <Waiting />;
  return (
    <Section title={t('officer')}>
      {(rounds.data?.rows.length ?? 0) === 0 ? (
        <Empty title={t('noRounds')}>{t('noRoundsOfficer')}</Empty>
      ) : (
        <Records
          label={t('officer')}
          rows={rounds.data?.rows ?? []}
          keyOf={(each) => each.id}
          columns={[
            { title: t('task'), head: true, cell: (each) => `${each.entry.code} ${each.title}` },
            { title: t('stateTitle'), cell: (each) => t(`state.${each.state}`) },
            { title: t('closes'), figure: true, cell: (each) => format.moment(each.closesAt) },
            {
              title: t('work'),
              cell: (each) => (
                <button type="button" className="link-button" onClick={() => setOpen(each.id)}>
                  {t('openDesk')}
                </button>
              ),
            },
          ]}
        />
      )}
      {open === null ? null : <RoundDesk key={open} id={open} />}
    </Section>
  );
}

function Projects() {
  const { t } = useTranslation('opencall');
  const format = useFormat();
  const { data } = useQuery(ask('opencall', 'projects'));
  const [fault, setFault] = useState<unknown>(null);
  if (data === undefined || data.rows.length === 0) return null;
  const act = async (project: (typeof data.rows)[number], milestone: string, action: string) => {
    try {
      setFault(null);
      await api.opencall.actMilestone({
        params: { id: project.id },
        body: { version: project.version, milestone, action, reason: '' },
      });
      await forget('opencall');
    } catch (caught) {
      setFault(caught);
    }
  };
  const rows = data.rows.flatMap((project) =>
    project.milestones.map((milestone) => ({ project, milestone })),
  );
  return (
    <Section title={t('projects')}>
      <Records
        label={t('projects')}
        rows={rows}
        keyOf={({ project, milestone }) => `${project.id} ${milestone.code}`}
        columns={[
          {
            title: t('milestone'),
            head: true,
            cell: ({ project, milestone }) =>
              `${project.code} ${milestone.code} ${milestone.title}`,
          },
          { title: t('bidder'), cell: ({ project }) => project.applicant },
          {
            title: t('stateTitle'),
            cell: ({ project, milestone }) =>
              project.state === 'terminated'
                ? t('projectState.terminated')
                : t(`milestoneState.${milestone.state}`),
          },
          {
            title: t('amount'),
            figure: true,
            cell: ({ milestone }) => format.money(milestone.amountFen),
          },
          {
            title: t('verdict'),
            cell: ({ milestone }) =>
              milestone.verdicts
                .map((each) => `${each.indicator} ${t(`verdictOf.${each.verdict}`)}`)
                .join('、'),
          },
          {
            title: t('steps'),
            cell: ({ project, milestone }) => (
              <span className="row">
                {project.state === 'running'
                  ? milestone.actions.map((action) => (
                      <button
                        key={action}
                        type="button"
                        className="link-button"
                        onClick={() => void act(project, milestone.code, action)}
                      >
                        {t(`milestoneAction.${action}`)}
                      </button>
                    ))
                  : '—'}
              </span>
            ),
          },
        ]}
      />
      <ProblemNote fault={fault} />
    </Section>
  );
}
