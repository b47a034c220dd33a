import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAction } from '../../kernel/action.ts';
import { api, ask } from '../../kernel/api.ts';
import { Dialog } from '../../kernel/parts/dialog.tsx';
import { ProblemNote } from '../../kernel/parts/problem.tsx';
import { formText, presentCompanies, type Project } from './fields.ts';
import { useMedia, useShots } from './whole-lists.ts';

const DEPARTMENTS = ['vfx', 'sound', 'colour'] as const;
type Department = (typeof DEPARTMENTS)[number];

/** Shots, media and the cut they stand in are put together for a company. */
export function TurnoverForm({ project, onClose }: { project: Project; onClose: () => void }) {
  const { t, i18n } = useTranslation('production');
  const { act, busy, fault } = useAction('turnovers');
  const projectId = project.id;
  const shots = useShots({ projectId }).rows;
  const media = useMedia(project.filmId).rows;
  const send = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = formText(form);
    const all = (field: string) => form.getAll(field).map(String);
    const original = form.get('original') === 'on';
    const [cutId, reference] = [text('cut'), text('reference')];
    const plates = all('media').filter((assetId) => assetId !== reference);
    void act(() => api.turnovers.create({ body: {
      projectId, organisationId: text('company'), name: text('name'),
      note: text('note'), shotIds: all('shots'),
      assets: [...plates.map((assetId) => ({ assetId, original })),
        ...(reference === '' ? []
          : [{ assetId: reference, purpose: 'reference' as const, original }])],
      cut: cutId === '' ? null : {
        cutId, department: text('department') as Department, whole: form.get('whole') === 'on',
        language: i18n.language.startsWith('zh') ? 'zh-CN' : 'en',
      },
    } }), onClose);
  };
  return (
    <Dialog title={t('project.prepare')} open onClose={onClose}>
      <form className="project-form" onSubmit={send}>
        <label>{t('project.company')}
          <select name="company" required>
            {presentCompanies(project).map((each) => (
              <option key={each.organisationId} value={each.organisationId}>
                {each.organisationName}
              </option>
            ))}
          </select>
        </label>
        <label>{t('project.name')}<input name="name" required maxLength={200} /></label>
        <label>{t('project.tile.shots')}
          <select name="shots" multiple size={8}>
            {shots.map((each) => <option key={each.id} value={each.id}>{each.code}</option>)}
          </select>
        </label>
        <CutChoice projectId={projectId} />
        <label>{t('project.media')}
          <select name="media" multiple size={6}>
            {media.map((each) => <option key={each.id} value={each.id}>{each.title}</option>)}
          </select>
        </label>
        <label>{t('project.referenceVideo')}
          <select name="reference" defaultValue="">
            <option value="">—</option>
            {media.map((each) => <option key={each.id} value={each.id}>{each.title}</option>)}
          </select>
        </label>
        <label><span><input type="checkbox" name="original" defaultChecked />
          {t('project.original')}</span></label>
        <label>{t('project.comment')}<textarea name="note" rows={3} /></label>
        <ProblemNote fault={fault} />
        <button type="submit" className="button button-first" disabled={busy}>
          {t('project.prepare')}
        </button>
      </form>
    </Dialog>
  );
}

/** Which cut goes along, for whom, and how much of it. */
function CutChoice({ projectId }: { projectId: string }) {
  const { t } = useTranslation('production');
  const { data } = useQuery(ask('shots', 'cuts', { query: { projectId, limit: 500 } }));
  const [cutId, setCutId] = useState('');
  if (data === undefined || data.rows.length === 0) return null;
  return (
    <>
      <label>{t('project.turnedCut')}
        <select name="cut" value={cutId} onChange={(event) => setCutId(event.target.value)}>
          <option value="">—</option>
          {data.rows.map((each) => (
            <option key={each.id} value={each.id}>{`${each.name} (${each.number})`}</option>
          ))}
        </select>
      </label>
      {cutId === '' ? null : (
        <>
          <label>{t('project.departmentOf')}
            <select name="department">
              {DEPARTMENTS.map((each) => (
                <option key={each} value={each}>{t(`project.department.${each}`)}</option>
              ))}
            </select>
          </label>
          <label><span><input type="checkbox" name="whole" />{t('project.wholeCut')}</span></label>
          <p className="muted">{t('project.turnedCutText')}</p>
        </>
      )}
    </>
  );
}
