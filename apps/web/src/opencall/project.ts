import type { opencallProjectSchema } from '@yinglian/contract';
import { MILESTONE_FLOW, type ProjectRole } from '@yinglian/opencall';
import { useSession } from '../kernel/session.ts';

/** A contract as its parties see it. */
export type Project = (typeof opencallProjectSchema)['_output'];
/** One step of it. */
export type Step = Project['milestones'][number];

const PERMISSIONS = {
  applicant: 'policy.apply',
  officer: 'policy.manage',
  approver: 'policy.decide',
  finance: 'policy.pay',
} as const;

/** In which roles the reader takes part in a project. */
export function useProjectRoles(project: Project): (role: ProjectRole) => boolean {
  const { organisation, can } = useSession();
  return (role) => {
    const side = role === 'applicant' ? project.applicantId : project.departmentId;
    return organisation?.id === side && can(PERMISSIONS[role]);
  };
}

/** Whose action it is. */
export function roleOf(action: string): ProjectRole {
  return MILESTONE_FLOW.find((each) => each.action === action)?.role ?? 'officer';
}
