import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAction } from '../kernel/action.ts';
import { api, ask } from '../kernel/api.ts';
import { Dialog } from '../kernel/parts/dialog.tsx';
import { Empty, Page, Waiting } from '../kernel/parts/page.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import { Records } from '../kernel/parts/records.tsx';
import { useSession } from '../kernel/session.ts';
import { NoDepartment, useDepartment } from './department.tsx';
import { TextField } from './fields.tsx';
import './opencall.css';

/** The department's yearly catalogues 攻关目录, from the first demand to the last edition. */
export function CataloguesPage() {
  const { t } = useTranslation('opencall');
  const { can, organisation } = useSession();
  const department = useDepartment();
  const [making, setMaking] = useState(false);
  const { data, error } = useQuery(ask('opencall', 'catalogues'));
  const own = (data?.rows ?? []).filter((each) => each.departmentId === organisation?.id);
  return (
    <Page
      title={t('catalogues')}
      lead={t('cataloguesLead')}
      actions={
        department === true && can('policy.manage') ? (
          <button type="button" className="button button-first" onClick={() => setMaking(true)}>
            {t('newCatalogue')}
          </button>
        ) : null
      }
    >
      <ProblemNote fault={error} />
      {data === undefined ? (
        error === null ? (
          <Waiting />
        ) : null
      ) : department === false ? (
        <NoDepartment />
      ) : own.length === 0 ? (
        <Empty title={t('noCatalogues')}>{t('noCataloguesText')}</Empty>
      ) : (
        <Records
          label={t('catalogues')}
          rows={own}
          keyOf={(each) => each.id}
          columns={[
            {
              title: t('catalogue'),
              head: true,
              cell: (each) => (
                <Link to="/policy/opencall/catalogues/$id" params={{ id: each.id }}>
                  {each.title}
                </Link>
              ),
            },
            { title: t('year'), figure: true, cell: (each) => each.year },
            { title: t('stateTitle'), cell: (each) => t(`catalogueState.${each.state}`) },
            {
              title: t('editionTitle'),
              figure: true,
              cell: (each) => (each.edition === 0 ? '—' : each.edition),
            },
          ]}
        />
      )}
      <Dialog title={t('newCatalogue')} open={making} onClose={() => setMaking(false)}>
        <NewCatalogue />
      </Dialog>
    </Page>
  );
}

function NewCatalogue() {
  const { t } = useTranslation('opencall');
  const navigate = useNavigate();
  const [year, setYear] = useState(String(new Date().getFullYear()));
  const [title, setTitle] = useState('');
  const [days, setDays] = useState('5');
  const { act, busy, fault } = useAction('opencall');
  const make = () =>
    act(async () => {
      const body = { year: Number(year), title, noticeDays: Number(days) };
      const { id } = await api.opencall.createCatalogue({ body });
      await navigate({ to: '/policy/opencall/catalogues/$id', params: { id } });
    });
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        void make();
      }}
    >
      <TextField
        label={t('catalogueTitle')}
        required
        value={title}
        onChange={setTitle}
        maxLength={200}
      />
      <TextField
        label={t('year')}
        type="number"
        min={2000}
        max={2200}
        required
        value={year}
        onChange={setYear}
      />
      <TextField
        label={t('noticeDays')}
        hint={t('noticeDaysHint')}
        type="number"
        min={1}
        max={60}
        required
        value={days}
        onChange={setDays}
      />
      <ProblemNote fault={fault} />
      <p>
        <button className="button button-first" disabled={busy}>
          {t('beginCollecting')}
        </button>
      </p>
    </form>
  );
}
