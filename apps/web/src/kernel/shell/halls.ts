import type { Permission } from '@yinglian/contract';

/** A page of a hall, as the navigation and the command palette offer it. */
export type HallPage = {
  readonly to: PagePath;
  readonly name: string;
  /** For departments alone; or for whoever else holds the permission. */
  readonly only?: 'department' | Permission;
};
export type PagePath =
  | '/films'
  | '/production'
  | '/distribution'
  | '/distribution/build'
  | '/distribution/keys'
  | '/distribution/intake'
  | '/production/arrivals'
  | '/production/projects'
  | '/distribution/key-desk'
  | '/distribution/key-delivery'
  | '/distribution/help'
  | '/organisation/custody'
  | '/distribution/keys/issue'
  | '/distribution/readiness'
  | '/distribution/board'
  | '/distribution/releases'
  | '/distribution/bookings'
  | '/distribution/deliveries'
  | '/exhibition'
  | '/exhibition/circuits'
  | '/exhibition/import'
  | '/exhibition/reports'
  | '/exhibition/calendar'
  | '/exhibition/map'
  | '/exhibition/logs'
  | '/exhibition/timeliness'
  | '/exhibition/cases'
  | '/exhibition/certificates'
  | '/exhibition/sources'
  | '/exhibition/reports/import'
  | '/settlement'
  | '/settlement/settle'
  | '/settlement/terms'
  | '/settlement/board'
  | '/settlement/differences'
  | '/settlement/book'
  | '/settlement/bank'
  | '/settlement/approvals'
  | '/settlement/inputs'
  | '/settlement/money'
  | '/policy'
  | '/policy/notices'
  | '/policy/claims'
  | '/policy/calls'
  | '/policy/budget'
  | '/policy/record'
  | '/policy/applicants'
  | '/policy/holidays'
  | '/policy/readings'
  | '/opencall'
  | '/policy/opencall'
  | '/policy/registers'
  | '/policy/profile'
  | '/policy/entries'
  | '/policy/instruments'
  | '/organisation'
  | '/organisation/connections'
  | '/organisation/audit'
  | '/account'
  | '/jobs';

export type Hall = {
  readonly name:
    | 'film'
    | 'production'
    | 'distribution'
    | 'exhibition'
    | 'settlement'
    | 'policy'
    | 'organisation';
  readonly permission: Permission;
  readonly pages: readonly HallPage[];
};

/** The halls that have something in them. A hall without content is not promised by a menu. */
export const HALLS: readonly Hall[] = [
  { name: 'film', permission: 'film.read', pages: [{ to: '/films', name: 'films' }] },
  {
    name: 'production',
    permission: 'production.read',
    pages: [
      { to: '/production/projects', name: 'projects' },
      { to: '/production', name: 'assets' },
      { to: '/production/arrivals', name: 'arrivals' },
    ],
  },
  {
    name: 'distribution',
    permission: 'distribution.read',
    pages: [
      { to: '/distribution/board', name: 'board' },
      { to: '/distribution/releases', name: 'releases' },
      { to: '/distribution/bookings', name: 'bookings' },
      { to: '/distribution', name: 'packages' },
      { to: '/distribution/deliveries', name: 'deliveries' },
      { to: '/distribution/keys', name: 'keys' },
      { to: '/distribution/key-desk', name: 'keyDesk' },
      { to: '/distribution/key-delivery', name: 'keyDelivery' },
      { to: '/distribution/help', name: 'help' },
      { to: '/distribution/readiness', name: 'readiness' },
    ],
  },
  {
    name: 'exhibition',
    permission: 'exhibition.read',
    pages: [
      { to: '/exhibition', name: 'cinemas' },
      { to: '/exhibition/circuits', name: 'circuits' },
      { to: '/exhibition/calendar', name: 'calendar' },
      { to: '/exhibition/map', name: 'map' },
      { to: '/exhibition/reports', name: 'reports' },
      { to: '/exhibition/logs', name: 'logs' },
      { to: '/exhibition/timeliness', name: 'timeliness' },
      { to: '/exhibition/cases', name: 'cases' },
      { to: '/exhibition/certificates', name: 'certificates' },
      { to: '/exhibition/sources', name: 'sources' },
    ],
  },
  {
    name: 'settlement',
    permission: 'settlement.read',
    pages: [
      { to: '/settlement', name: 'runs' },
      { to: '/settlement/terms', name: 'terms' },
      { to: '/settlement/inputs', name: 'inputs' },
      { to: '/settlement/money', name: 'filmMoney' },
      { to: '/settlement/board', name: 'monthBoard' },
      { to: '/settlement/differences', name: 'differences' },
      { to: '/settlement/book', name: 'book' },
      { to: '/settlement/bank', name: 'bank' },
      { to: '/settlement/approvals', name: 'approvals' },
    ],
  },
  {
    name: 'policy',
    permission: 'policy.read',
    pages: [
      { to: '/policy', name: 'calculator' },
      { to: '/policy/profile', name: 'policyProfile', only: 'policy.apply' },
      { to: '/policy/claims', name: 'claims' },
      { to: '/policy/calls', name: 'calls' },
      { to: '/policy/notices', name: 'notices' },
      { to: '/policy/registers', name: 'registers' },
      { to: '/policy/entries', name: 'entries' },
      { to: '/policy/instruments', name: 'instruments', only: 'department' },
      { to: '/policy/readings', name: 'readings' },
      { to: '/policy/budget', name: 'policyBudget', only: 'department' },
      { to: '/policy/record', name: 'policyRecord' },
      { to: '/policy/applicants', name: 'applicants', only: 'department' },
      { to: '/policy/holidays', name: 'holidays', only: 'department' },
      { to: '/opencall', name: 'opencall' },
      { to: '/policy/opencall', name: 'opencallDesk' },
    ],
  },
  {
    name: 'organisation',
    permission: 'organisation.read',
    pages: [
      { to: '/organisation', name: 'members' },
      { to: '/organisation/connections', name: 'connections' },
      { to: '/organisation/audit', name: 'audit' },
      { to: '/jobs', name: 'jobs' },
    ],
  },
];

/** Things to do, for the command palette. */
export const ACTIONS: readonly { to: PagePath; name: string; permission: Permission }[] = [
  { to: '/organisation/custody', name: 'custody', permission: 'network.administer' },
  { to: '/distribution/build', name: 'build', permission: 'distribution.build' },
  { to: '/distribution/intake', name: 'intake', permission: 'distribution.build' },
  { to: '/distribution/keys/issue', name: 'issueKeys', permission: 'distribution.issue_keys' },
  { to: '/exhibition/import', name: 'importFacilities', permission: 'exhibition.write' },
  { to: '/exhibition/reports/import', name: 'importReport', permission: 'exhibition.report' },
  { to: '/settlement/settle', name: 'settle', permission: 'settlement.write' },
  { to: '/account', name: 'account', permission: 'organisation.read' },
];
