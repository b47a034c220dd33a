import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAction } from '../../kernel/action.ts';
import { api } from '../../kernel/api.ts';
import { Dialog } from '../../kernel/parts/dialog.tsx';
import { ProblemNote } from '../../kernel/parts/problem.tsx';
import { formText, type Project } from './fields.ts';
import { useMedia, useShots } from './whole-lists.ts';

/** A medium is handed in as the next version of a shot; its task goes to review by itself. */
export function Delivery({ project, onClose }: { project: Project; onClose: () => void }) {
  const { t } = useTranslation('production');
  const { act, busy, fault } = useAction('versions', 'tasks', 'shots', 'projects', 'production');
  const projectId = project.id;
  const [shotId, setShotId] = useState('');
  const shots = useShots({ projectId }).rows;
  const tasks = shots.find((each) => each.id === shotId)?.tasks ?? [];
  const ready = useMedia(project.filmId).rows
    .filter((each) => each.state === 'ready' || each.state === 'accepted');
  const send = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = formText(form);
    void act(() => api.versions.deliver({ body: {
      projectId, subjectKind: 'shot', subjectId: shotId, name: text('line'),
      assetId: text('media'), taskId: text('task') || null, note: text('note'),
    } }), onClose);
  };
  return (
    <Dialog title={t('project.deliverVersion')} open onClose={onClose}>
      <form className="project-form" onSubmit={send}>
        <p className="muted">{t('project.deliverText')}</p>
        <label>{t('project.shot')}
          <select required value={shotId} onChange={(event) => setShotId(event.target.value)}>
            <option value="">—</option>
            {shots.filter((each) => !each.omitted).map((each) => (
              <option key={each.id} value={each.id}>{each.code}</option>
            ))}
          </select>
        </label>
        <label>{t('project.media')}
          <select name="media" required>
            <option value="">—</option>
            {ready.map((each) => <option key={each.id} value={each.id}>{each.title}</option>)}
          </select>
        </label>
        <label>{t('project.line')}
          <input name="line" maxLength={60} placeholder="comp" />
        </label>
        {tasks.length === 0 ? null : (
          <label>{t('project.ofTask')}
            <select name="task" key={shotId}>
              <option value="">—</option>
              {tasks.map((each) => <option key={each.id} value={each.id}>{each.name}</option>)}
            </select>
          </label>
        )}
        <label>{t('project.comment')}<textarea name="note" rows={3} /></label>
        <ProblemNote fault={fault} />
        <button type="submit" className="button button-first" disabled={busy || shotId === ''}>
          {t('project.deliverVersion')}
        </button>
      </form>
    </Dialog>
  );
}
