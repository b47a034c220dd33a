import { COMPANY_ROLES } from '@yinglian/contract';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAction } from '../../kernel/action.ts';
import { api } from '../../kernel/api.ts';
import { Icon } from '../../kernel/parts/icon.tsx';
import { Dialog } from '../../kernel/parts/dialog.tsx';
import { OrganisationPicker } from '../../kernel/parts/organisation-picker.tsx';
import { Section } from '../../kernel/parts/page.tsx';
import { ProblemNote } from '../../kernel/parts/problem.tsx';
import { Records } from '../../kernel/parts/records.tsx';
import { useSession } from '../../kernel/session.ts';
import { presentCompanies, type Project } from './fields.ts';

type Role = (typeof COMPANY_ROLES)[number];

/** Who takes part, as what, and how much of it each of them sees. */
export function Companies({ project }: { project: Project }) {
  const { t } = useTranslation('production');
  const { can, organisation } = useSession();
  const { act, busy, fault } = useAction('projects');
  const [inviting, setInviting] = useState(false);
  const { id } = project;
  const leads = project.scope === 'whole' && can('production.write');
  const isGuest = project.participation === 'joined' && can('production.write');
  return (
    <Section title={t('project.companies')} actions={leads ? (
      <button type="button" className="button" onClick={() => setInviting(true)}>
        <Icon name="plus" />{t('project.inviteCompany')}
      </button>
    ) : undefined}>
      <ProblemNote fault={fault} />
      {project.participants.length === 0 ? <p className="muted">{t('project.noCompanies')}</p> : (
        <Records label={t('project.companies')} rows={project.participants}
          keyOf={(row) => row.organisationId} columns={[
            { title: t('project.company'), head: true, cell: (row) => row.organisationName },
            { title: t('project.role'), cell: (row) => t(`project.roles.${row.role}`) },
            { title: t('project.scope'), cell: (row) => t(`project.scopes.${row.scope}`) },
            { title: t('state'), cell: (row) => t(`project.participation.${row.state}`) },
            { title: t('project.act'), cell: (row) => {
              if (row.state === 'left') return '—';
              if (isGuest && row.organisationId === organisation?.id) {
                return (
                  <button type="button" className="button" disabled={busy}
                    onClick={() => void act(() => api.projects.answer({
                      params: { id }, body: { join: false } }))}>
                    {t('project.leave')}
                  </button>
                );
              }
              return leads ? (
                <button type="button" className="button" disabled={busy}
                  onClick={() => void act(() => api.projects.dismiss({
                    params: { id, organisationId: row.organisationId } }))}>
                  {t('project.dismiss')}
                </button>
              ) : '—';
            } },
          ]} />
      )}
      {inviting ? <Invite project={project} onClose={() => setInviting(false)} /> : null}
    </Section>
  );
}

function Invite({ project, onClose }: { project: Project; onClose: () => void }) {
  const { t } = useTranslation('production');
  const { act, busy, fault } = useAction('projects');
  const [organisationId, setOrganisationId] = useState<string>();
  const [role, setRole] = useState<Role>('visual_effects');
  const [scope, setScope] = useState<Project['scope']>('turnover');
  const present = presentCompanies(project).map((each) => each.organisationId);
  const send = () => {
    if (organisationId === undefined) return;
    void act(() => api.projects.invite({
      params: { id: project.id, organisationId }, body: { role, scope } }), onClose);
  };
  return (
    <Dialog title={t('project.inviteCompany')} open onClose={onClose} actions={
      <button type="button" className="button button-first" onClick={send}
        disabled={busy || organisationId === undefined}>
        {t('project.invite')}
      </button>
    }>
      <div className="project-form">
        <OrganisationPicker label={t('project.company')} value={organisationId}
          except={[project.ownerId, ...present]} onChange={setOrganisationId} />
        <label>{t('project.role')}
          <select value={role} onChange={(event) => setRole(event.target.value as Role)}>
            {COMPANY_ROLES.map((each) => (
              <option key={each} value={each}>{t(`project.roles.${each}`)}</option>
            ))}
          </select>
        </label>
        <fieldset className="project-choice">
          <legend>{t('project.scope')}</legend>
          {(['turnover', 'whole'] as const).map((each) => (
            <label key={each}>
              <input type="radio" name="scope" checked={scope === each}
                onChange={() => setScope(each)} />
              <span>{t(`project.scopes.${each}`)}
                <small>{t(`project.scopeText.${each}`)}</small></span>
            </label>
          ))}
        </fieldset>
        <ProblemNote fault={fault} />
      </div>
    </Dialog>
  );
}
