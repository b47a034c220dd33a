/**
 * What may be done, by hall. `public` needs no session; `signed_in` any session; the rest is held
 * through a role in an organisation, or through a room that several organisations share.
 */
export const PERMISSIONS = [
  'public',
  'signed_in',
  'network.administer',
  'organisation.read',
  'organisation.administer',
  'film.read',
  'film.write',
  'production.read',
  'production.write',
  'production.review',
  'production.accept',
  'distribution.read',
  'distribution.build',
  'distribution.release',
  'distribution.issue_keys',
  'exhibition.read',
  'exhibition.write',
  'exhibition.book',
  'exhibition.report',
  'settlement.read',
  'settlement.write',
  'settlement.issue',
  'policy.read',
  'policy.apply',
  'policy.manage',
  'policy.review',
  'policy.decide',
  'policy.pay',
  'policy.audit',
] as const;
export type Permission = (typeof PERMISSIONS)[number];

const READ = [
  'organisation.read',
  'film.read',
  'production.read',
  'distribution.read',
  'exhibition.read',
  'settlement.read',
  'policy.read',
] as const satisfies readonly Permission[];

const ALL = PERMISSIONS.filter(
  (each) => each !== 'public' && each !== 'signed_in' && each !== 'network.administer',
);

/** Roles of a member in an organisation: two for the house, two for each hall. */
export const ROLES = {
  owner: ALL,
  administrator: ALL,
  viewer: READ,
  'film.editor': ['organisation.read', 'film.read', 'film.write'],
  'production.editor': [
    'organisation.read',
    'film.read',
    'production.read',
    'production.write',
    'production.review',
  ],
  'production.supervisor': [
    'organisation.read',
    'film.read',
    'film.write',
    'production.read',
    'production.write',
    'production.review',
    'production.accept',
  ],
  'production.reviewer': ['organisation.read', 'film.read', 'production.read', 'production.review'],
  'distribution.manager': [
    'organisation.read',
    'film.read',
    'film.write',
    'production.read',
    'distribution.read',
    'distribution.build',
    'distribution.release',
    'distribution.issue_keys',
    'exhibition.read',
  ],
  'distribution.viewer': ['organisation.read', 'film.read', 'distribution.read', 'exhibition.read'],
  'exhibition.manager': [
    'organisation.read',
    'film.read',
    'distribution.read',
    'exhibition.read',
    'exhibition.write',
    'exhibition.book',
    'exhibition.report',
  ],
  'exhibition.staff': [
    'organisation.read',
    'film.read',
    'distribution.read',
    'exhibition.read',
    'exhibition.report',
  ],
  'settlement.accountant': [
    'organisation.read',
    'film.read',
    'exhibition.read',
    'settlement.read',
    'settlement.write',
  ],
  'settlement.director': [
    'organisation.read',
    'film.read',
    'exhibition.read',
    'settlement.read',
    'settlement.write',
    'settlement.issue',
  ],
  'policy.applicant': ['organisation.read', 'policy.read', 'policy.apply'],
  'policy.officer': ['organisation.read', 'policy.read', 'policy.manage'],
  'policy.reviewer': ['organisation.read', 'policy.read', 'policy.review'],
  'policy.approver': ['organisation.read', 'policy.read', 'policy.decide'],
  'policy.finance': ['organisation.read', 'policy.read', 'policy.manage', 'policy.pay'],
  'policy.auditor': ['organisation.read', 'policy.read', 'policy.audit'],
} as const satisfies Record<string, readonly Permission[]>;
export type Role = keyof typeof ROLES;
export const ROLE_NAMES = Object.keys(ROLES) as [Role, ...Role[]];

export function permissionsOf(roles: readonly Role[]): ReadonlySet<Permission> {
  return new Set(roles.flatMap((role) => ROLES[role] as readonly Permission[]));
}
