import { STATUS_KINDS } from '@yinglian/contract';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAction } from '../../kernel/action.ts';
import { api } from '../../kernel/api.ts';
import { Dialog } from '../../kernel/parts/dialog.tsx';
import { Icon } from '../../kernel/parts/icon.tsx';
import { ProblemNote } from '../../kernel/parts/problem.tsx';
import { formText, type Project, RATES, type Status } from './fields.ts';

/** What a show settles once: its rate, numbers, names of shots, and the ways of its statuses. */
export function Settings({ project, onClose }: { project: Project; onClose: () => void }) {
  const { t } = useTranslation('production');
  const kernel = useTranslation('kernel').t;
  const { act, busy, fault } = useAction('projects', 'shots', 'tasks');
  const { settings } = project;
  const [shotFlow, setShotFlow] = useState<readonly Status[]>(settings.shotFlow);
  const [taskFlow, setTaskFlow] = useState<readonly Status[]>(settings.taskFlow);
  const send = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = formText(form);
    const number = (field: string) => Number(text(field));
    void act(() => api.projects.update({ params: { id: project.id }, body: {
      version: project.version, name: text('name'), code: text('code'), frameRate: text('rate'),
      dropFrame: form.get('dropFrame') === 'on',
      state: form.get('closed') === 'on' ? 'closed' : 'open',
      settings: {
        firstFrame: number('firstFrame'), headHandle: number('headHandle'),
        tailHandle: number('tailHandle'), shotTemplate: text('shotTemplate'),
        shotStep: number('shotStep'), shotFlow: [...shotFlow], taskFlow: [...taskFlow],
      },
    } }), onClose);
  };
  const whole = (name: 'firstFrame' | 'headHandle' | 'shotStep' | 'tailHandle', min: number) => (
    <label>{t(`project.setting.${name}`)}
      <input name={name} type="number" min={min} step={1} required
        defaultValue={settings[name]} />
    </label>
  );
  return (
    <Dialog title={t('project.settings')} open place="side" onClose={onClose}>
      <form className="project-form" onSubmit={send}>
        <label>{t('project.name')}
          <input name="name" required maxLength={200} defaultValue={project.name} />
        </label>
        <div className="spec-fields">
          <label>{t('project.code')}
            <input name="code" required maxLength={60} defaultValue={project.code} />
          </label>
          <label>{t('project.rate')}
            <select name="rate" defaultValue={project.frameRate}>
              {[...new Set([project.frameRate, ...RATES])].map((each) => (
                <option key={each} value={each}>{each}</option>
              ))}
            </select>
          </label>
          <label>{t('project.setting.shotTemplate')}
            <input name="shotTemplate" required maxLength={80}
              defaultValue={settings.shotTemplate} />
          </label>
          {whole('shotStep', 1)}
          {whole('firstFrame', -2_000_000_000)}
          {whole('headHandle', 0)}
          {whole('tailHandle', 0)}
        </div>
        <label className="project-tick">
          <input type="checkbox" name="dropFrame" defaultChecked={project.dropFrame} />
          {t('project.setting.dropFrame')}
        </label>
        <Flow label={t('project.setting.shotFlow')} flow={shotFlow} onChange={setShotFlow} />
        <Flow label={t('project.setting.taskFlow')} flow={taskFlow} onChange={setTaskFlow} />
        <label className="project-tick">
          <input type="checkbox" name="closed" defaultChecked={project.state === 'closed'} />
          {t('project.setting.closed')}
        </label>
        <ProblemNote fault={fault} />
        <button type="submit" className="button button-first" disabled={busy}>
          {kernel('save')}
        </button>
      </form>
    </Dialog>
  );
}

/** The statuses, their words, what each counts as, who may set it, and what may follow it. */
function Flow({ label, flow, onChange }: {
  label: string; flow: readonly Status[]; onChange: (flow: readonly Status[]) => void;
}) {
  const { t, i18n } = useTranslation('production');
  const kernel = useTranslation('kernel').t;
  const set = (at: number, part: Partial<Status>) =>
    onChange(flow.map((each, index) => (index === at ? { ...each, ...part } : each)));
  const remove = (code: string) => onChange(flow.filter((each) => each.code !== code)
    .map((each) => ({ ...each, next: each.next.filter((next) => next !== code) })));
  const add = () => {
    const taken = new Set(flow.map((each) => each.code));
    const number = Array.from({ length: flow.length + 1 }, (_, index) => index + 1)
      .find((each) => !taken.has(`status_${each}`));
    const code = `status_${number}`;
    onChange([...flow, { code, zh: '新状态', en: 'New status', kind: 'working', company: false,
      next: [] }]);
  };
  const word = (of: Status) => (i18n.language.startsWith('zh') ? of.zh : of.en);
  return (
    <details className="project-flow">
      <summary>{`${label} · ${flow.map(word).join(' → ')}`}</summary>
      {flow.map((each, at) => (
        <fieldset key={each.code} className="project-choice">
          <legend>{each.code}</legend>
          <div className="spec-fields">
            <label>{t('project.setting.zh')}
              <input required maxLength={200} value={each.zh}
                onChange={(event) => set(at, { zh: event.target.value })} />
            </label>
            <label>{t('project.setting.en')}
              <input required maxLength={200} value={each.en}
                onChange={(event) => set(at, { en: event.target.value })} />
            </label>
            <label>{t('project.setting.counts')}
              <select value={each.kind} onChange={(event) =>
                set(at, { kind: event.target.value as Status['kind'] })}>
                {STATUS_KINDS.map((kind) => (
                  <option key={kind} value={kind}>{t(`project.statusKind.${kind}`)}</option>
                ))}
              </select>
            </label>
          </div>
          <label className="project-tick">
            <input type="checkbox" checked={each.company}
              onChange={(event) => set(at, { company: event.target.checked })} />
            {t('project.setting.company')}
          </label>
          <div className="project-next">
            <span>{t('project.setting.next')}</span>
            {flow.filter((other) => other.code !== each.code).map((other) => (
              <label key={other.code} className="project-tick">
                <input type="checkbox" checked={each.next.includes(other.code)}
                  onChange={(event) => set(at, { next: event.target.checked
                    ? [...each.next, other.code]
                    : each.next.filter((code) => code !== other.code) })} />
                {word(other)}
              </label>
            ))}
          </div>
          {flow.length > 1 ? (
            <button type="button" className="button button-plain" onClick={() => remove(each.code)}>
              <Icon name="cross" />{`${kernel('delete')} ${word(each)}`}
            </button>
          ) : null}
        </fieldset>
      ))}
      <button type="button" className="button" onClick={add}>
        <Icon name="plus" />{t('project.setting.add')}
      </button>
    </details>
  );
}
