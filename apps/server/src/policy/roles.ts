import type { Permission } from '@yinglian/contract';
import type { CaseRole } from '@yinglian/policy';
import type { Context } from '../kernel/context.ts';

/** Which permission each role of the flow is held through. */
const PERMISSION_OF: Readonly<Record<CaseRole, Permission>> = {
  applicant: 'policy.apply',
  officer: 'policy.manage',
  recommender: 'policy.manage',
  reviewer: 'policy.review',
  approver: 'policy.decide',
  finance: 'policy.pay',
  auditor: 'policy.audit',
};

/** Whether the caller stands on the right side of the claim and holds the role's permission. */
export function mayTake(
  context: Context,
  role: CaseRole,
  claim: {
    readonly applicant_id: string;
    readonly department_id: string;
    readonly recommender_id?: string | null;
  },
): boolean {
  const recommender = claim.recommender_id ?? claim.department_id;
  const official = role === 'recommender' ? recommender : claim.department_id;
  const side = role === 'applicant' ? claim.applicant_id : official;
  return context.organisation?.id === side && context.permissions.has(PERMISSION_OF[role]);
}
