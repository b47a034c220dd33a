import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { Button, Form, Input, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask, forget } from '../kernel/api.ts';
import { useFilmChoices, useFilmId } from '../kernel/film.ts';
import { useFormat } from '../kernel/format.ts';
import { FolderPicker } from '../kernel/parts/file-picker.tsx';
import { Page, Section } from '../kernel/parts/page.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import { Records } from '../kernel/parts/records.tsx';
import { startUpload } from '../kernel/uploads.ts';
import { chosenFiles, type Chosen, isPackage } from './chosen-files.ts';
import './distribution.css';

type Values = { filmId: string; filmVersionId?: string; title?: string };

/** Files under way at once: one waits for the disk while another is on the line. */
const AT_ONCE = 3;

/** A package that another house made: its folder is sent, and judged as soon as it is here. */
export function IntakePage() {
  const { t } = useTranslation('distribution');
  const kernel = useTranslation('kernel').t;
  const navigate = useNavigate();
  const filmId = useFilmId();
  const [form] = Form.useForm<Values>();
  const [files, setFiles] = useState<readonly Chosen[]>([]);
  const [sent, setSent] = useState<number>();
  const [fault, setFault] = useState<unknown>(null);
  const busy = sent !== undefined;
  const take = async ({ filmVersionId, title, ...film }: Values) => {
    setFault(null);
    setSent(0);
    try {
      const stored = await sendAll(files, setSent);
      const made = await api.distribution.take({ body: {
        ...film, filmVersionId: filmVersionId ?? null, files: stored,
        ...(title === undefined || title === '' ? {} : { title }),
      } });
      await forget('distribution', 'jobs', 'film');
      await navigate({ to: '/distribution/packages/$id', params: { id: made.id } });
    } catch (caught) {
      setFault(caught);
    } finally {
      setSent(undefined);
    }
  };
  return (
    <Page title={kernel('do.intake')} lead={t('intake.lead')}
      kicker={<Link to="/distribution">{kernel('page.packages')}</Link>}>
      <Form form={form} className="panel" layout="vertical" key={filmId ?? 'none'}
        disabled={busy} initialValues={{ filmId }}
        onFinish={(values) => void take(values as Values)}>
        <FilmFields />
        <FolderPicker label={t('intake.choose')}
          onChoose={(chosen) => setFiles(chosenFiles(chosen))} />
        <ChosenNote files={files} />
        <ProblemNote fault={fault} />
        <Button type="primary" htmlType="submit" disabled={!isPackage(files)} loading={busy}>
          {t('intake.begin')}
        </Button>
        <p role="status">{busy ? t('intake.sent', { sent, count: files.length }) : ''}</p>
      </Form>
      <ChosenList files={files} />
    </Page>
  );
}

function FilmFields() {
  const { t } = useTranslation('distribution');
  const kernel = useTranslation('kernel').t;
  const films = useFilmChoices();
  const filmId = Form.useWatch<string | undefined>('filmId');
  const film = useQuery({
    ...ask('film', 'get', { params: { id: filmId ?? '' } }), enabled: filmId !== undefined,
  });
  const releases = useQuery({
    ...ask('releases', 'list', { query: { filmId: filmId ?? '' } }),
    enabled: filmId !== undefined,
  });
  const announced = releases.data?.rows.find((each) => each.state === 'announced');
  return (
    <>
      <Form.Item name="filmId" label={kernel('film')} rules={[{ required: true }]}>
        <Select options={films} showSearch={{ optionFilterProp: 'label' }} />
      </Form.Item>
      <div className="field-row">
        <Form.Item name="filmVersionId" label={t('intake.version')} extra={t('intake.versionHint')}>
          <Select allowClear options={(film.data?.versions ?? []).map((each) => ({
            value: each.id, label: [each.format, each.filmCode].filter(Boolean).join(' '),
          }))} />
        </Form.Item>
        <Form.Item name="title" label={t('intake.title')} extra={t('intake.titleHint')}>
          <Input maxLength={200} className="mono" />
        </Form.Item>
      </div>
      {filmId === undefined ? null : (
        <p className="muted">
          {t(announced === undefined ? 'intake.ownProfile' : 'intake.releaseProfile')}{' '}
          {announced === undefined ? null : (
            <Link to="/distribution/releases/$id" params={{ id: announced.id }}>
              {t(`profile.${announced.plan.packageProfile.base}`)}
            </Link>
          )}
        </p>
      )}
    </>
  );
}

/** What the folder seems to be, before anything of it is sent. */
function ChosenNote({ files }: { files: readonly Chosen[] }) {
  const { t } = useTranslation('distribution');
  const format = useFormat();
  if (files.length === 0) return null;
  if (!isPackage(files)) return <p role="alert" className="field-fault">{t('intake.noMap')}</p>;
  const sizeBytes = files.reduce((sum, each) => sum + each.file.size, 0);
  return <p>{t('intake.chosen', { count: files.length, size: format.bytes(sizeBytes) })}</p>;
}

function ChosenList({ files }: { files: readonly Chosen[] }) {
  const { t } = useTranslation('distribution');
  const format = useFormat();
  if (files.length === 0) return null;
  return (
    <Section title={t('files')}>
      <Records label={t('files')} rows={files} keyOf={(each) => each.path} columns={[
        { title: t('path'), head: true, cell: (each) => (
          <span className="mono">{each.path}</span>
        ) },
        { title: t('size'), figure: true, cell: (each) => format.bytes(each.file.size) },
      ]} />
    </Section>
  );
}

/** Sends the files, a few at a time; gives each its place in the package. */
async function sendAll(
  files: readonly Chosen[], onSent: (count: number) => void,
): Promise<{ path: string; fileId: string }[]> {
  const stored: { path: string; fileId: string }[] = [];
  const left = [...files];
  const worker = async () => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) {
      const fileId = await startUpload(next.file, { kind: 'hold' });
      stored.push({ path: next.path, fileId });
      onSent(stored.length);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return stored;
}
