import type { contract, InputOf, OutputOf } from '@yinglian/contract';
import { Button, Form, Input, InputNumber, Select, Switch } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { answers, api, ask, forget } from '../kernel/api.ts';
import { useAsOpened } from '../kernel/parts/as-opened.ts';
import { Conflict, isConflict } from '../kernel/parts/conflict.tsx';
import { Dialog } from '../kernel/parts/dialog.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import { MEDIA, PARTY_ROLES, VERSION_FORMATS } from './choices.ts';

export type Film = OutputOf<typeof contract.film.get.result>;
type FilmWrite = InputOf<typeof contract.film.update.body>;

const TEXTS = ['title', 'titleEnglish', 'country', 'licenceNumber', 'eidr', 'isan'] as const;
const LISTS = ['versions', 'parties', 'rights'] as const;

/** The whole record of a film in one form; two people writing at once are shown both versions. */
export function FilmEditor({ film: newest, open, onClose }: {
  film: Film; open: boolean; onClose: () => void;
}) {
  const film = useAsOpened(newest, open);
  const { t } = useTranslation('film');
  const kernel = useTranslation('kernel').t;
  const [form] = Form.useForm<Film>();
  const [fault, setFault] = useState<unknown>(null);
  const save = async (values: Partial<Film>, version: number) => {
    try {
      const body = { ...tidied(values), version } as FilmWrite;
      const saved = await api.film.update({ params: { id: film.id }, body });
      answers.setQueryData(ask('film', 'get', { params: { id: film.id } }).queryKey, saved);
      setFault(null);
      await forget('film');
      onClose();
    } catch (caught) {
      setFault(caught);
    }
  };
  const labels = Object.fromEntries(
    [...TEXTS, 'year', 'synopsis', ...LISTS].map((name) => [name, t(`field.${name}`)]),
  );
  return (
    <>
      <Dialog place="side" title={t('editRecord')} open={open} onClose={onClose} actions={
        <>
          <button type="button" className="button" onClick={onClose}>{kernel('cancel')}</button>
          <button type="button" className="button button-first" onClick={() => form.submit()}>
            {kernel('save')}
          </button>
        </>
      }>
        <Form form={form} layout="vertical" preserve={false} initialValues={film}
          onFinish={(values) => void save(values, film.version)}>
          {TEXTS.map((name) => (
            <Form.Item key={name} name={name} label={t(`field.${name}`)}
              rules={name === 'title' ? [{ required: true }] : []}>
              <Input />
            </Form.Item>
          ))}
          <Form.Item name="year" label={t('field.year')}>
            <InputNumber min={1888} max={2200} />
          </Form.Item>
          <Form.Item name="synopsis" label={t('field.synopsis')}>
            <Input.TextArea rows={4} maxLength={10_000} />
          </Form.Item>
          <VersionFields />
          <PartyFields />
          <RightFields />
        </Form>
        {isConflict(fault) ? null : <ProblemNote fault={fault} />}
      </Dialog>
      <Conflict fault={fault} labels={labels} onClose={() => setFault(null)}
        onResolve={(merged, version) => void save(merged as Partial<Film>, version)} />
    </>
  );
}

/** An emptied field means that nothing is known, which the record writes as null. */
function tidied(values: Partial<Film>): Record<string, unknown> {
  const blank = (value: unknown) => (value === '' || value === undefined ? null : value);
  const row = (each: object, absent: object) => ({
    ...absent,
    ...Object.fromEntries(Object.entries(each).filter(([, value]) => value !== undefined)
      .map(([key, value]) => [key, blank(value)])),
  });
  const plain = [...TEXTS, 'year', 'synopsis'].map((name) => [
    name, blank(values[name as keyof Film]),
  ]);
  return {
    ...Object.fromEntries(plain),
    versions: (values.versions ?? []).map((each) => row(each, {
      filmCode: null, audioLanguage: null, subtitleLanguages: [], runtimeSeconds: null,
    })),
    parties: (values.parties ?? []).map((each) => row(each, { organisationId: null })),
    rights: (values.rights ?? []).map((each) => row(each, { to: null, exclusive: false })),
  };
}

function VersionFields() {
  const { t } = useTranslation('film');
  return (
    <RowList name="versions" title={t('versions')} add={t('addVersion')} fields={(at) => (
      <>
        <Form.Item name={[at, 'id']} hidden><Input /></Form.Item>
        <Form.Item name={[at, 'format']} label={t('format')} rules={[{ required: true }]}>
          <Select options={VERSION_FORMATS.map((value) => ({ value, label: value }))} />
        </Form.Item>
        <Form.Item name={[at, 'filmCode']} label={t('filmCode')}>
          <Input maxLength={12} />
        </Form.Item>
        <Form.Item name={[at, 'audioLanguage']} label={t('audio')}><Input /></Form.Item>
        <Form.Item name={[at, 'subtitleLanguages']} label={t('subtitles')}>
          <Select mode="tags" />
        </Form.Item>
        <Form.Item name={[at, 'runtimeSeconds']} label={t('runtimeSeconds')}>
          <InputNumber min={1} />
        </Form.Item>
      </>
    )} />
  );
}

function PartyFields() {
  const { t } = useTranslation('film');
  return (
    <RowList name="parties" title={t('parties')} add={t('addParty')} fields={(at) => (
      <>
        <Form.Item name={[at, 'role']} label={t('partyRoleLabel')} rules={[{ required: true }]}>
          <Select options={PARTY_ROLES.map((value) => ({
            value, label: t(`partyRole.${value}`) }))} />
        </Form.Item>
        <Form.Item name={[at, 'name']} label={t('partyName')} rules={[{ required: true }]}>
          <Input />
        </Form.Item>
      </>
    )} />
  );
}

function RightFields() {
  const { t } = useTranslation('film');
  return (
    <RowList name="rights" title={t('rights')} add={t('addRight')} fields={(at) => (
      <>
        <Form.Item name={[at, 'holder']} label={t('holder')} rules={[{ required: true }]}>
          <Input />
        </Form.Item>
        <Form.Item name={[at, 'media']} label={t('media')} rules={[{ required: true }]}>
          <Select options={MEDIA.map((value) => ({ value, label: t(`medium.${value}`) }))} />
        </Form.Item>
        <Form.Item name={[at, 'territories']} label={t('territories')} rules={[{ required: true }]}>
          <Select mode="tags" />
        </Form.Item>
        <Form.Item name={[at, 'from']} label={t('from')} rules={[{ required: true }]}>
          <Input type="date" />
        </Form.Item>
        <Form.Item name={[at, 'to']} label={t('to')}><Input type="date" /></Form.Item>
        <Form.Item name={[at, 'exclusive']} label={t('exclusive')} valuePropName="checked">
          <Switch />
        </Form.Item>
      </>
    )} />
  );
}

function RowList({ name, title, add, fields }: {
  name: string; title: string; add: string; fields: (at: number) => React.ReactNode;
}) {
  const kernel = useTranslation('kernel').t;
  return (
    <fieldset className="row-list">
      <legend>{title}</legend>
      <Form.List name={name}>
        {(rows, { add: addRow, remove }) => (
          <>
            {rows.map((row) => (
              <div key={row.key} className="row-fields">
                {fields(row.name)}
                <Button size="small" onClick={() => remove(row.name)}>{kernel('delete')}</Button>
              </div>
            ))}
            <Button onClick={() => addRow({})}>{add}</Button>
          </>
        )}
      </Form.List>
    </fieldset>
  );
}
