import { Link, useNavigate } from '@tanstack/react-router';
import { addressOf, contract } from '@yinglian/contract';
import { Form, Input, InputNumber } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask, forget } from '../kernel/api.ts';
import { useQuery } from '@tanstack/react-query';
import { useFormat } from '../kernel/format.ts';
import { Dialog } from '../kernel/parts/dialog.tsx';
import { Icon } from '../kernel/parts/icon.tsx';
import { Empty, Page } from '../kernel/parts/page.tsx';
import { Paged } from '../kernel/parts/paged.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import { useSession } from '../kernel/session.ts';
import { FileImport } from '../kernel/parts/file-import.tsx';
import './film.css';

/** All films this organisation is party to. */
export function FilmsPage() {
  const { t } = useTranslation('film');
  const kernel = useTranslation('kernel').t;
  const { can } = useSession();
  const format = useFormat();
  const [creating, setCreating] = useState(false);
  const [importing, setImporting] = useState(false);
  const [search, setSearch] = useState('');
  const create = can('film.write') ? (
    <button type="button" className="button button-first" onClick={() => setCreating(true)}>
      <Icon name="plus" />{t('register')}
    </button>
  ) : null;
  return (
    <Page title={kernel('page.films')} lead={t('lead')} actions={
      <>
        <a className="button" href={addressOf(contract.film.exportFile)} download>
          <Icon name="download" />{t('export')}
        </a>
        {can('film.write') ? (
          <button type="button" className="button" onClick={() => setImporting(true)}>
            <Icon name="upload" />{t('import')}
          </button>
        ) : null}
        {create}
      </>
    }>
      <Duplicates />
      <input className="input search" type="search" aria-label={t('search')}
        placeholder={t('search')} value={search}
        onChange={(event) => setSearch(event.target.value)} />
      <Paged label={kernel('page.films')} name={['film', 'list', search]}
        load={(after, signal) => api.film.list({ query: {
          ...(after === undefined ? {} : { after }), ...(search === '' ? {} : { search }),
        }, signal })}
        keyOf={(film) => film.id}
        empty={<Empty title={t('none')} action={create}>{t('noneText')}</Empty>}
        columns={[
          { title: t('title'), head: true, cell: (film) => (
            <Link to="/films/$id" params={{ id: film.id }} search={{ film: film.id }}>
              {film.title}<small>{film.titleEnglish}</small>
            </Link>
          ) },
          { title: t('year'), figure: true, cell: (film) => film.year ?? '—' },
          { title: t('versions'), cell: (film) => (film.versions.length === 0 ? '—'
            : film.versions.map((each) => each.format).join(' · ')) },
          { title: t('filmCode'), cell: (film) => (
            <span className="mono">
              {film.versions.find((each) => each.filmCode !== null)?.filmCode ?? '—'}
            </span>
          ) },
          { title: t('changed'), figure: true, cell: (film) => format.day(film.updatedAt) },
        ]} />
      <CreateFilm open={creating} onClose={() => setCreating(false)} />
      <FileImport open={importing} onClose={() => setImporting(false)} title={t('import')}
        hint={t('importHint')} accept=".csv,.xlsx"
        run={async (fileId, commit) => {
          const { findings, ...counts } = await api.film.importFile({ body: { fileId, commit } });
          if (commit) await forget('film');
          return { counts, findings };
        }}
        words={(name) => t(`counts.${name}`)} />
    </Page>
  );
}

function Duplicates() {
  const { t } = useTranslation('film');
  const { data } = useQuery(ask('film', 'duplicates'));
  if (data === undefined || data.groups.length === 0) return null;
  return (
    <aside className="panel stack" aria-label={t('duplicates')}>
      <h2>{t('duplicates')}</h2>
      {data.groups.map((group, index) => (
        <p key={index}>
          {group.films.map((each, at) => (
            <span key={each.id}>
              {at === 0 ? '' : ' = '}
              <Link to="/films/$id" params={{ id: each.id }}>{each.title}</Link>
            </span>
          ))}{' '}
          <span className="muted">
            ({t(`reason.${group.reason}`, { defaultValue: group.reason })})
          </span>
        </p>
      ))}
    </aside>
  );
}

type NewFilm = { title: string; titleEnglish?: string; year?: number | null };

function CreateFilm({ open, onClose }: { open: boolean; onClose: () => void }) {
  const { t } = useTranslation('film');
  const kernel = useTranslation('kernel').t;
  const navigate = useNavigate();
  const [form] = Form.useForm<NewFilm>();
  const [fault, setFault] = useState<unknown>(null);
  const create = async (values: NewFilm) => {
    try {
      const film = await api.film.create({ body: {
        title: values.title, titleEnglish: values.titleEnglish ?? null, year: values.year ?? null,
      } });
      await forget('film');
      await navigate({ to: '/films/$id', params: { id: film.id }, search: { film: film.id } });
    } catch (caught) {
      setFault(caught);
    }
  };
  return (
    <Dialog title={t('register')} open={open} onClose={onClose} actions={
      <button type="button" className="button button-first" onClick={() => form.submit()}>
        {kernel('create')}
      </button>
    }>
      <p className="muted">{t('registerText')}</p>
      <Form form={form} layout="vertical" onFinish={(values) => void create(values)}>
        <Form.Item name="title" label={t('title')} rules={[{ required: true }]}>
          <Input maxLength={200} />
        </Form.Item>
        <Form.Item name="titleEnglish" label={t('titleEnglish')}>
          <Input maxLength={200} />
        </Form.Item>
        <Form.Item name="year" label={t('year')}>
          <InputNumber min={1888} max={2200} />
        </Form.Item>
      </Form>
      <ProblemNote fault={fault} />
    </Dialog>
  );
}
