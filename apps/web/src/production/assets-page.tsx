import { Link } from '@tanstack/react-router';
import { Form, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, forget } from '../kernel/api.ts';
import { framesFile } from '../kernel/frames-folder.ts';
import { useFilmChoices, useFilmId } from '../kernel/film.ts';
import { useFormat } from '../kernel/format.ts';
import { Dialog } from '../kernel/parts/dialog.tsx';
import { FilePicker, FolderPicker } from '../kernel/parts/file-picker.tsx';
import { Icon } from '../kernel/parts/icon.tsx';
import { Empty, Page } from '../kernel/parts/page.tsx';
import { Paged } from '../kernel/parts/paged.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import { State } from '../kernel/parts/state.tsx';
import { UploadLine } from '../kernel/parts/upload.tsx';
import { useSession } from '../kernel/session.ts';
import { startUpload, useUploads } from '../kernel/uploads.ts';
import { pictureText } from './media/asset.ts';

/** Assets of a film or of all: what came in, and what became of it. */
export function AssetsPage() {
  const { t } = useTranslation('production');
  const kernel = useTranslation('kernel').t;
  const format = useFormat();
  const filmId = useFilmId();
  const { can } = useSession();
  const [sending, setSending] = useState(false);
  const uploads = useUploads().filter((each) => each.purpose.kind === 'ingest'
    && each.state !== 'complete');
  const send = can('production.write') ? (
    <button type="button" className="button button-first" onClick={() => setSending(true)}>
      <Icon name="upload" />{t('upload')}
    </button>
  ) : null;
  return (
    <Page title={kernel('page.assets')} lead={t('lead')} actions={send}>
      {uploads.length === 0 ? null : (
        <div className="panel">
          {uploads.map((each) => <UploadLine key={each.key} upload={each} />)}
        </div>
      )}
      <Paged label={kernel('page.assets')} name={['production', 'assets', filmId]}
        load={(after, signal) => api.production.assets({ query: {
          ...(after === undefined ? {} : { after }), ...(filmId === undefined ? {} : { filmId }),
        }, signal })}
        keyOf={(asset) => asset.id}
        empty={<Empty title={t('none')} action={send}>{t('noneText')}</Empty>}
        columns={[
          { title: t('title'), head: true, cell: (asset) => (
            <Link to="/production/assets/$id" params={{ id: asset.id }}>
              {asset.title}<small>{asset.media?.frames?.name ?? asset.original.name}</small>
            </Link>
          ) },
          { title: t('state'), cell: (asset) => <State state={asset.state} /> },
          { title: t('picture'), cell: (asset) => pictureText(asset.media?.video) },
          { title: t('size'), figure: true,
            cell: (asset) => format.bytes(asset.original.sizeBytes) },
          { title: t('received'), figure: true, cell: (asset) => format.moment(asset.createdAt) },
        ]} />
      <SendDialog open={sending} onClose={() => setSending(false)} filmId={filmId} />
    </Page>
  );
}

type Sending = { film: string; sequenceFrameRate?: string };
const RATES = ['24', '24000/1001', '25', '30000/1001', '30', '48', '50', '60'];

function SendDialog({ open, onClose, filmId }: {
  open: boolean; onClose: () => void; filmId: string | undefined;
}) {
  const { t } = useTranslation('production');
  const kernel = useTranslation('kernel').t;
  const films = useFilmChoices();
  const [form] = Form.useForm<Sending>();
  const [picture, setPicture] = useState<File>();
  const [sound, setSound] = useState<File>();
  const [isFolder, setIsFolder] = useState(false);
  const [noFrames, setNoFrames] = useState(false);
  const [fault, setFault] = useState<unknown>(null);
  const isSequence = picture !== undefined && /\.(zip|tar)$/i.test(picture.name);
  const send = ({ film, sequenceFrameRate }: Sending) => {
    if (picture === undefined) return;
    const begin = async () => {
      const soundFileId = sound === undefined ? undefined
        : await startUpload(sound, { kind: 'hold' });
      await startUpload(picture, {
        kind: 'ingest', filmId: film, folder: isFolder,
        ...(soundFileId === undefined ? {} : { soundFileId }),
        ...(isSequence && sequenceFrameRate !== undefined ? { sequenceFrameRate } : {}),
      });
      await forget('production', 'film', 'jobs');
    };
    // The upload goes on beside the page; what hinders it is told in its own line there.
    begin().catch(setFault);
    onClose();
  };
  return (
    <>
      {open ? null : <ProblemNote fault={fault} />}
      <Dialog title={t('upload')} open={open} onClose={onClose} actions={
        <button type="button" className="button button-first" disabled={picture === undefined}
          onClick={() => form.submit()}>
          {t('begin')}
        </button>
      }>
        <p className="muted">{t('uploadText')}</p>
        <Form form={form} layout="vertical" onFinish={send}
          initialValues={{ film: filmId, sequenceFrameRate: '24' }}>
          <Form.Item name="film" label={kernel('film')} rules={[{ required: true }]}>
            <Select options={films} showSearch={{ optionFilterProp: 'label' }} />
          </Form.Item>
          <FilePicker label={picture?.name ?? t('choosePicture')} onChoose={(file) => {
              setPicture(file);
              setIsFolder(false);
            }} />
          <FolderPicker label={t('chooseFrames')} onChoose={(files) => {
            const frames = framesFile(files);
            setNoFrames(frames === undefined);
            setPicture(frames);
            setIsFolder(true);
          }} />
          {noFrames ? <p role="alert" className="field-fault">{t('noFrames')}</p> : null}
          {isSequence ? (
            <Form.Item name="sequenceFrameRate" label={t('sequenceRate')}>
              <Select
                options={RATES.map((value) => ({ value, label: `${value} fps` }))} />
            </Form.Item>
          ) : null}
          <FilePicker accept="audio/*,.wav,.bwf,.flac" label={sound?.name ?? t('chooseSound')}
            onChoose={setSound} />
        </Form>
      </Dialog>
    </>
  );
}
