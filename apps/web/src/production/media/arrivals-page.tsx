import { Link, useNavigate } from '@tanstack/react-router';
import { Form, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, forget } from '../../kernel/api.ts';
import { useFilmChoices, useFilmId } from '../../kernel/film.ts';
import { useFormat } from '../../kernel/format.ts';
import { Dialog } from '../../kernel/parts/dialog.tsx';
import { FolderPicker } from '../../kernel/parts/file-picker.tsx';
import { Icon } from '../../kernel/parts/icon.tsx';
import { Empty, Page } from '../../kernel/parts/page.tsx';
import { Paged } from '../../kernel/parts/paged.tsx';
import { ProblemNote } from '../../kernel/parts/problem.tsx';
import { State } from '../../kernel/parts/state.tsx';
import { useSession } from '../../kernel/session.ts';
import { rollFiles, sendRoll } from './roll.ts';

/** Rolls and folders that came in whole: what is proven, what is wrong, what came twice. */
export function ArrivalsPage() {
  const { t } = useTranslation('production');
  const kernel = useTranslation('kernel').t;
  const format = useFormat();
  const filmId = useFilmId();
  const { can } = useSession();
  const [sending, setSending] = useState(false);
  const send = can('production.write') ? (
    <button type="button" className="button button-first" onClick={() => setSending(true)}>
      <Icon name="upload" />
      {t('arrival.send')}
    </button>
  ) : null;
  return (
    <Page title={kernel('page.arrivals')} lead={t('arrival.lead')} actions={send}>
      <Paged
        label={kernel('page.arrivals')}
        name={['arrivals', 'list', filmId]}
        load={(after, signal) =>
          api.arrivals.list({
            query: {
              ...(after === undefined ? {} : { after }),
              ...(filmId === undefined ? {} : { filmId }),
            },
            signal,
          })
        }
        keyOf={(arrival) => arrival.id}
        empty={
          <Empty title={t('arrival.none')} action={send}>
            {t('arrival.noneText')}
          </Empty>
        }
        columns={[
          {
            title: t('arrival.roll'),
            head: true,
            cell: (arrival) => (
              <Link to="/production/arrivals/$id" params={{ id: arrival.id }}>
                {arrival.name}
                <small>{arrival.organisation}</small>
              </Link>
            ),
          },
          { title: t('state'), cell: (arrival) => <State state={`arrival_${arrival.state}`} /> },
          { title: t('arrival.files'), figure: true, cell: (arrival) => arrival.files },
          { title: t('size'), figure: true, cell: (arrival) => format.bytes(arrival.sizeBytes) },
          { title: t('arrival.duplicates'), figure: true, cell: (arrival) => arrival.duplicates },
          {
            title: t('received'),
            figure: true,
            cell: (arrival) => format.moment(arrival.createdAt),
          },
        ]}
      />
      <SendRoll open={sending} onClose={() => setSending(false)} filmId={filmId} />
    </Page>
  );
}

function SendRoll({
  open,
  onClose,
  filmId,
}: {
  open: boolean;
  onClose: () => void;
  filmId: string | undefined;
}) {
  const { t } = useTranslation('production');
  const kernel = useTranslation('kernel').t;
  const films = useFilmChoices();
  const go = useNavigate();
  const [form] = Form.useForm<{ film: string }>();
  const [files, setFiles] = useState<readonly File[]>([]);
  const [fault, setFault] = useState<unknown>(null);
  const roll = rollFiles(files);
  const begin = async ({ film }: { film: string }) => {
    try {
      const arrival = await api.arrivals.create({
        body: { filmId: film, name: roll.name },
      });
      // It goes on beside the page; the page of the roll tells how far it is.
      void sendRoll(arrival.id, roll.files)
        .catch(setFault)
        .finally(() => void forget('arrivals'));
      onClose();
      await go({ to: '/production/arrivals/$id', params: { id: arrival.id } });
    } catch (caught) {
      setFault(caught);
    }
  };
  return (
    <Dialog
      title={t('arrival.send')}
      open={open}
      onClose={onClose}
      actions={
        <button
          type="button"
          className="button button-first"
          disabled={roll.files.length === 0}
          onClick={() => form.submit()}
        >
          {t('begin')}
        </button>
      }
    >
      <p className="muted">{t('arrival.sendText')}</p>
      <Form
        form={form}
        layout="vertical"
        onFinish={(values) => void begin(values)}
        initialValues={{ film: filmId }}
      >
        <Form.Item name="film" label={kernel('film')} rules={[{ required: true }]}>
          <Select options={films} showSearch={{ optionFilterProp: 'label' }} />
        </Form.Item>
        <FolderPicker
          label={
            roll.files.length === 0
              ? t('arrival.choose')
              : t('arrival.chosen', { name: roll.name, files: roll.files.length })
          }
          onChoose={setFiles}
        />
      </Form>
      <ProblemNote fault={fault} />
    </Dialog>
  );
}
