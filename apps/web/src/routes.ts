import {
  createRootRouteWithContext, createRoute, createRouter, lazyRouteComponent, redirect,
  retainSearchParams,
} from '@tanstack/react-router';
import { answers } from './kernel/api.ts';
import { sessionQuestion } from './kernel/session.ts';
import { Fault, NotFound } from './kernel/shell/faults.tsx';
import { Shell } from './kernel/shell/shell.tsx';

/** The film whose work is on the desk stays chosen from hall to hall, in the address. */
type DeskSearch = { film?: string };

const root = createRootRouteWithContext<{ answers: typeof answers }>()({
  component: Shell,
  notFoundComponent: NotFound,
  errorComponent: Fault,
});

const text = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined);

const first = createRoute({
  getParentRoute: () => root, path: '/',
  component: lazyRouteComponent(() => import('./first/first-page.tsx'), 'FirstPage'),
});
const owner = createRoute({
  getParentRoute: () => root, path: '/owner',
  component: lazyRouteComponent(() => import('./first/welcome.tsx'), 'Welcome'),
});
/** The same door by another name, for links that carry `?token=`. */
const welcome = createRoute({
  getParentRoute: () => root, path: '/welcome',
  component: lazyRouteComponent(() => import('./first/welcome.tsx'), 'Welcome'),
});
/** A cinema's keys, for whoever holds the link. */
const keyLink = createRoute({
  getParentRoute: () => root, path: '/key-link',
  component: lazyRouteComponent(() => import('./keys/link-page.tsx'), 'KeyLinkPage'),
});
/** A version to watch, for whoever holds the link. */
const reviewLink = createRoute({
  getParentRoute: () => root, path: '/review-link',
  component: lazyRouteComponent(() => import('./review/guest-page.tsx'), 'GuestPage'),
});
const invitation = createRoute({
  getParentRoute: () => root, path: '/invitation',
  component: lazyRouteComponent(() => import('./first/invitation.tsx'), 'Invitation'),
});
const signIn = createRoute({
  getParentRoute: () => root, path: '/sign-in',
  validateSearch: (search): { next?: string; error?: string } => pick({
    next: text(search['next']), error: text(search['error']),
  }),
  component: lazyRouteComponent(() => import('./first/sign-in.tsx'), 'SignIn'),
});
const demonstration = createRoute({
  getParentRoute: () => root, path: '/demonstration',
  component: lazyRouteComponent(() => import('./first/demonstration.tsx'), 'Demonstration'),
});

/** Open to everybody: what may be claimed, and what is proposed. */
const calculator = createRoute({
  getParentRoute: () => root, path: '/policy',
  component: lazyRouteComponent(() => import('./policy/calculator-page.tsx'), 'CalculatorPage'),
});
const notices = createRoute({
  getParentRoute: () => root, path: '/policy/notices',
  component: lazyRouteComponent(() => import('./policy/notices-page.tsx'), 'NoticesPage'),
});
const ownObjections = createRoute({
  getParentRoute: () => root, path: '/policy/objections',
  component: lazyRouteComponent(() => import('./policy/objections-page.tsx'), 'ObjectionsPage'),
});

const holidays = createRoute({
  getParentRoute: () => root, path: '/policy/holidays',
  component: lazyRouteComponent(() => import('./policy/holidays-page.tsx'), 'HolidaysPage'),
});
const readings = createRoute({
  getParentRoute: () => root, path: '/policy/readings',
  component: lazyRouteComponent(() => import('./policy/readings-page.tsx'), 'ReadingsPage'),
});
const registers = createRoute({
  getParentRoute: () => root, path: '/policy/registers',
  component: lazyRouteComponent(() => import('./policy/registers-page.tsx'), 'RegistersPage'),
});

const opencall = createRoute({
  getParentRoute: () => root, path: '/opencall',
  component: lazyRouteComponent(() => import('./opencall/catalogue-page.tsx'), 'OpencallPage'),
});
const opencallRound = createRoute({
  getParentRoute: () => root, path: '/opencall/$id',
  component: lazyRouteComponent(() => import('./opencall/round-page.tsx'), 'RoundPage'),
});

/** Everything behind a session. antd comes with it, so the first page does without. */
const desk = createRoute({
  getParentRoute: () => root, id: 'desk',
  validateSearch: (search): DeskSearch => pick({ film: text(search['film']) }),
  search: { middlewares: [retainSearchParams(['film'])] },
  beforeLoad: async ({ location }) => {
    const session = await answers.ensureQueryData(sessionQuestion);
    if (session.user === null) throw redirect({ to: '/sign-in', search: { next: location.href } });
    if (session.organisation === null && location.pathname !== '/organisation/new') {
      throw redirect({ to: '/organisation/new' });
    }
  },
  component: lazyRouteComponent(() => import('./kernel/desk.tsx'), 'Desk'),
});

const films = createRoute({
  getParentRoute: () => desk, path: '/films',
  component: lazyRouteComponent(() => import('./film/films-page.tsx'), 'FilmsPage'),
});
const film = createRoute({
  getParentRoute: () => desk, path: '/films/$id',
  component: lazyRouteComponent(() => import('./film/film-page.tsx'), 'FilmPage'),
});
const assets = createRoute({
  getParentRoute: () => desk, path: '/production',
  component: lazyRouteComponent(() => import('./production/assets-page.tsx'), 'AssetsPage'),
});
const asset = createRoute({
  getParentRoute: () => desk, path: '/production/assets/$id',
  validateSearch: (search): { live?: string } => pick({ live: text(search['live']) }),
  component: lazyRouteComponent(() => import('./production/review-page.tsx'), 'ReviewPage'),
});
const arrivals = createRoute({
  getParentRoute: () => desk, path: '/production/arrivals',
  component: lazyRouteComponent(
    () => import('./production/media/arrivals-page.tsx'), 'ArrivalsPage'),
});
const arrival = createRoute({
  getParentRoute: () => desk, path: '/production/arrivals/$id',
  component: lazyRouteComponent(
    () => import('./production/media/arrival-page.tsx'), 'ArrivalPage'),
});
const projects = createRoute({
  getParentRoute: () => desk, path: '/production/projects',
  component: lazyRouteComponent(
    () => import('./production/project/projects-page.tsx'), 'ProjectsPage'),
});
const project = createRoute({
  getParentRoute: () => desk, path: '/production/projects/$id',
  validateSearch: (search): { tab?: string } => pick({ tab: text(search['tab']) }),
  component: lazyRouteComponent(
    () => import('./production/project/project-page.tsx'), 'ProjectPage'),
});
const packages = createRoute({
  getParentRoute: () => desk, path: '/distribution',
  component: lazyRouteComponent(() => import('./distribution/packages-page.tsx'), 'PackagesPage'),
});
const onePackage = createRoute({
  getParentRoute: () => desk, path: '/distribution/packages/$id',
  component: lazyRouteComponent(() => import('./distribution/package-page.tsx'), 'PackagePage'),
});
const build = createRoute({
  getParentRoute: () => desk, path: '/distribution/build',
  validateSearch: (search): { asset?: string } => pick({ asset: text(search['asset']) }),
  component: lazyRouteComponent(() => import('./distribution/build-page.tsx'), 'BuildPage'),
});
const intake = createRoute({
  getParentRoute: () => desk, path: '/distribution/intake',
  component: lazyRouteComponent(() => import('./distribution/intake-page.tsx'), 'IntakePage'),
});
const keys = createRoute({
  getParentRoute: () => desk, path: '/distribution/keys',
  validateSearch: (search): { package?: string } => pick({ package: text(search['package']) }),
  component: lazyRouteComponent(() => import('./distribution/keys-page.tsx'), 'KeysPage'),
});
const keyDesk = createRoute({
  getParentRoute: () => desk, path: '/distribution/key-desk',
  component: lazyRouteComponent(() => import('./keys/desk-page.tsx'), 'KeyDeskPage'),
});
const keyDelivery = createRoute({
  getParentRoute: () => desk, path: '/distribution/key-delivery',
  component: lazyRouteComponent(() => import('./keys/delivery-page.tsx'), 'KeyDeliveryPage'),
});
const helpDesk = createRoute({
  getParentRoute: () => desk, path: '/distribution/help',
  component: lazyRouteComponent(() => import('./keys/help-page.tsx'), 'HelpPage'),
});
const custody = createRoute({
  getParentRoute: () => desk, path: '/organisation/custody',
  component: lazyRouteComponent(() => import('./keys/custody-page.tsx'), 'CustodyPage'),
});
const issueKeys = createRoute({
  getParentRoute: () => desk, path: '/distribution/keys/issue',
  validateSearch: (search): { package?: string } => pick({ package: text(search['package']) }),
  component: lazyRouteComponent(() => import('./distribution/issue-page.tsx'), 'IssuePage'),
});
const readiness = createRoute({
  getParentRoute: () => desk, path: '/distribution/readiness',
  validateSearch: (search): { package?: string } => pick({ package: text(search['package']) }),
  component: lazyRouteComponent(() => import('./distribution/readiness-page.tsx'), 'ReadinessPage'),
});
const board = createRoute({
  getParentRoute: () => desk, path: '/distribution/board',
  component: lazyRouteComponent(() => import('./release/board-page.tsx'), 'BoardPage'),
});
const releases = createRoute({
  getParentRoute: () => desk, path: '/distribution/releases',
  component: lazyRouteComponent(() => import('./release/releases-page.tsx'), 'ReleasesPage'),
});
const release = createRoute({
  getParentRoute: () => desk, path: '/distribution/releases/$id',
  component: lazyRouteComponent(() => import('./release/release-page.tsx'), 'ReleasePage'),
});
const bookings = createRoute({
  getParentRoute: () => desk, path: '/distribution/bookings',
  component: lazyRouteComponent(() => import('./release/bookings-page.tsx'), 'BookingsPage'),
});
const deliveries = createRoute({
  getParentRoute: () => desk, path: '/distribution/deliveries',
  component: lazyRouteComponent(() => import('./release/deliveries-page.tsx'), 'DeliveriesPage'),
});
const cinemas = createRoute({
  getParentRoute: () => desk, path: '/exhibition',
  validateSearch: (search): { circuit?: string } => pick({ circuit: text(search['circuit']) }),
  component: lazyRouteComponent(() => import('./exhibition/cinemas-page.tsx'), 'CinemasPage'),
});
const circuits = createRoute({
  getParentRoute: () => desk, path: '/exhibition/circuits',
  component: lazyRouteComponent(() => import('./exhibition/circuits-page.tsx'), 'CircuitsPage'),
});
const cinema = createRoute({
  getParentRoute: () => desk, path: '/exhibition/cinemas/$id',
  component: lazyRouteComponent(() => import('./exhibition/cinema-page.tsx'), 'CinemaPage'),
});
const facilities = createRoute({
  getParentRoute: () => desk, path: '/exhibition/import',
  component: lazyRouteComponent(() => import('./exhibition/facilities-page.tsx'), 'FacilitiesPage'),
});
const reports = createRoute({
  getParentRoute: () => desk, path: '/exhibition/reports',
  component: lazyRouteComponent(() => import('./exhibition/reports-page.tsx'), 'ReportsPage'),
});
const importReport = createRoute({
  getParentRoute: () => desk, path: '/exhibition/reports/import',
  component: lazyRouteComponent(() => import('./exhibition/import-page.tsx'), 'ImportPage'),
});
const report = createRoute({
  getParentRoute: () => desk, path: '/exhibition/reports/$id',
  component: lazyRouteComponent(() => import('./exhibition/report-page.tsx'), 'ReportPage'),
});
const calendar = createRoute({
  getParentRoute: () => desk, path: '/exhibition/calendar',
  component: lazyRouteComponent(
    () => import('./exhibition/calendar-page.tsx'), 'CalendarPage'),
});
const cinemaMap = createRoute({
  getParentRoute: () => desk, path: '/exhibition/map',
  component: lazyRouteComponent(
    () => import('./exhibition/map-page.tsx'), 'MapPage'),
});
const logs = createRoute({
  getParentRoute: () => desk, path: '/exhibition/logs',
  component: lazyRouteComponent(
    () => import('./exhibition/logs-page.tsx'), 'LogsPage'),
});
const timeliness = createRoute({
  getParentRoute: () => desk, path: '/exhibition/timeliness',
  component: lazyRouteComponent(
    () => import('./exhibition/timeliness-page.tsx'), 'TimelinessPage'),
});
const cases = createRoute({
  getParentRoute: () => desk, path: '/exhibition/cases',
  component: lazyRouteComponent(
    () => import('./exhibition/cases-page.tsx'), 'CasesPage'),
});
const oneCase = createRoute({
  getParentRoute: () => desk, path: '/exhibition/cases/$id',
  component: lazyRouteComponent(
    () => import('./exhibition/case-page.tsx'), 'CasePage'),
});
const certificates = createRoute({
  getParentRoute: () => desk, path: '/exhibition/certificates',
  component: lazyRouteComponent(
    () => import('./exhibition/certificates-page.tsx'), 'CertificatesPage'),
});
const sources = createRoute({
  getParentRoute: () => desk, path: '/exhibition/sources',
  component: lazyRouteComponent(
    () => import('./exhibition/sources-page.tsx'), 'SourcesPage'),
});
const runs = createRoute({
  getParentRoute: () => desk, path: '/settlement',
  component: lazyRouteComponent(() => import('./settlement/runs-page.tsx'), 'RunsPage'),
});
const settle = createRoute({
  getParentRoute: () => desk, path: '/settlement/settle',
  component: lazyRouteComponent(() => import('./settlement/settle-page.tsx'), 'SettlePage'),
});
const run = createRoute({
  getParentRoute: () => desk, path: '/settlement/runs/$id',
  component: lazyRouteComponent(() => import('./settlement/run-page.tsx'), 'RunPage'),
});
const termsList = createRoute({
  getParentRoute: () => desk, path: '/settlement/terms',
  component: lazyRouteComponent(() => import('./settlement/terms-list-page.tsx'), 'TermsListPage'),
});
const terms = createRoute({
  getParentRoute: () => desk, path: '/settlement/terms/$id',
  component: lazyRouteComponent(() => import('./settlement/terms-page.tsx'), 'TermsPage'),
});
const statement = createRoute({
  getParentRoute: () => desk, path: '/settlement/statements/$id',
  component: lazyRouteComponent(() => import('./settlement/statement-page.tsx'), 'StatementPage'),
});
const inputs = createRoute({
  getParentRoute: () => desk, path: '/settlement/inputs',
  component: lazyRouteComponent(() => import('./settlement/inputs-page.tsx'), 'InputsPage'),
});
const filmMoney = createRoute({
  getParentRoute: () => desk, path: '/settlement/money',
  component: lazyRouteComponent(() => import('./settlement/film-money-page.tsx'), 'FilmMoneyPage'),
});
const monthBoard = createRoute({
  getParentRoute: () => desk, path: '/settlement/board',
  component: lazyRouteComponent(
    () => import('./settlement/month-board-page.tsx'), 'MonthBoardPage'),
});
const reconciliation = createRoute({
  getParentRoute: () => desk, path: '/settlement/reconciliations/$id',
  component: lazyRouteComponent(
    () => import('./settlement/reconciliation-page.tsx'), 'ReconciliationPage'),
});
const differences = createRoute({
  getParentRoute: () => desk, path: '/settlement/differences',
  component: lazyRouteComponent(
    () => import('./settlement/differences-page.tsx'), 'DifferencesPage'),
});
const book = createRoute({
  getParentRoute: () => desk, path: '/settlement/book',
  component: lazyRouteComponent(() => import('./settlement/book-page.tsx'), 'BookPage'),
});
const bank = createRoute({
  getParentRoute: () => desk, path: '/settlement/bank',
  component: lazyRouteComponent(() => import('./settlement/bank-page.tsx'), 'BankPage'),
});
const approvals = createRoute({
  getParentRoute: () => desk, path: '/settlement/approvals',
  component: lazyRouteComponent(() => import('./settlement/approvals-page.tsx'), 'ApprovalsPage'),
});
const claims = createRoute({
  getParentRoute: () => desk, path: '/policy/claims',
  component: lazyRouteComponent(() => import('./policy/claims-page.tsx'), 'ClaimsPage'),
});
const claim = createRoute({
  getParentRoute: () => desk, path: '/policy/claims/$id',
  component: lazyRouteComponent(() => import('./policy/claim-page.tsx'), 'ClaimPage'),
});
const calls = createRoute({
  getParentRoute: () => desk, path: '/policy/calls',
  component: lazyRouteComponent(() => import('./policy/calls-page.tsx'), 'CallsPage'),
});
const opencallDesk = createRoute({
  getParentRoute: () => desk, path: '/policy/opencall',
  component: lazyRouteComponent(() => import('./opencall/desk-page.tsx'), 'OpencallDeskPage'),
});
const opencallCatalogues = createRoute({
  getParentRoute: () => desk, path: '/policy/opencall/catalogues',
  component: lazyRouteComponent(() => import('./opencall/catalogues-page.tsx'), 'CataloguesPage'),
});
const opencallCatalogue = createRoute({
  getParentRoute: () => desk, path: '/policy/opencall/catalogues/$id',
  component: lazyRouteComponent(
    () => import('./opencall/catalogue-desk-page.tsx'), 'CatalogueDeskPage',
  ),
});
const opencallRounds = createRoute({
  getParentRoute: () => desk, path: '/policy/opencall/rounds',
  component: lazyRouteComponent(() => import('./opencall/rounds-page.tsx'), 'RoundsPage'),
});
const opencallNewRound = createRoute({
  getParentRoute: () => desk, path: '/policy/opencall/rounds/new',
  validateSearch: (search): { catalogue?: string; entry?: string } => pick({
    catalogue: text(search['catalogue']), entry: text(search['entry']),
  }),
  component: lazyRouteComponent(() => import('./opencall/new-round-page.tsx'), 'NewRoundPage'),
});
const opencallRoundDesk = createRoute({
  getParentRoute: () => desk, path: '/policy/opencall/rounds/$id',
  component: lazyRouteComponent(() => import('./opencall/round-desk-page.tsx'), 'RoundDeskPage'),
});
const opencallExpert = createRoute({
  getParentRoute: () => desk, path: '/policy/opencall/expert',
  component: lazyRouteComponent(() => import('./opencall/expert-page.tsx'), 'ExpertPage'),
});
const opencallExperts = createRoute({
  getParentRoute: () => desk, path: '/policy/opencall/experts',
  component: lazyRouteComponent(() => import('./opencall/experts-page.tsx'), 'ExpertsPage'),
});
const opencallReviews = createRoute({
  getParentRoute: () => desk, path: '/policy/opencall/reviews',
  component: lazyRouteComponent(() => import('./opencall/reviews-page.tsx'), 'ReviewsPage'),
});
const opencallProjects = createRoute({
  getParentRoute: () => desk, path: '/policy/opencall/projects',
  component: lazyRouteComponent(() => import('./opencall/projects-page.tsx'), 'ProjectsPage'),
});
const opencallProject = createRoute({
  getParentRoute: () => desk, path: '/policy/opencall/projects/$id',
  component: lazyRouteComponent(() => import('./opencall/project-page.tsx'), 'ProjectPage'),
});
const policyCall = createRoute({
  getParentRoute: () => desk, path: '/policy/calls/$id',
  component: lazyRouteComponent(() => import('./policy/call-page.tsx'), 'CallPage'),
});
const policyRecord = createRoute({
  getParentRoute: () => desk, path: '/policy/record',
  component: lazyRouteComponent(() => import('./policy/record-page.tsx'), 'RecordPage'),
});
const applicants = createRoute({
  getParentRoute: () => desk, path: '/policy/applicants',
  component: lazyRouteComponent(() => import('./policy/applicants-page.tsx'), 'ApplicantsPage'),
});
const policyBudget = createRoute({
  getParentRoute: () => desk, path: '/policy/budget',
  component: lazyRouteComponent(() => import('./policy/budget-page.tsx'), 'BudgetPage'),
});
const profile = createRoute({
  getParentRoute: () => desk, path: '/policy/profile',
  component: lazyRouteComponent(() => import('./policy/profile-page.tsx'), 'ProfilePage'),
});
const entries = createRoute({
  getParentRoute: () => desk, path: '/policy/entries',
  component: lazyRouteComponent(() => import('./policy/entries-page.tsx'), 'EntriesPage'),
});
const entry = createRoute({
  getParentRoute: () => desk, path: '/policy/entries/$id',
  component: lazyRouteComponent(() => import('./policy/entry-page.tsx'), 'EntryPage'),
});
const instruments = createRoute({
  getParentRoute: () => desk, path: '/policy/instruments',
  component: lazyRouteComponent(() => import('./policy/instruments-page.tsx'), 'InstrumentsPage'),
});
const organisation = createRoute({
  getParentRoute: () => desk, path: '/organisation',
  component: lazyRouteComponent(
    () => import('./organisation/organisation-page.tsx'), 'OrganisationPage'),
});
const newOrganisation = createRoute({
  getParentRoute: () => desk, path: '/organisation/new',
  component: lazyRouteComponent(
    () => import('./organisation/new-organisation-page.tsx'), 'NewOrganisationPage'),
});
const connections = createRoute({
  getParentRoute: () => desk, path: '/organisation/connections',
  component: lazyRouteComponent(
    () => import('./organisation/connections-page.tsx'), 'ConnectionsPage'),
});
const auditLog = createRoute({
  getParentRoute: () => desk, path: '/organisation/audit',
  component: lazyRouteComponent(() => import('./organisation/audit-page.tsx'), 'AuditPage'),
});
const account = createRoute({
  getParentRoute: () => desk, path: '/account',
  component: lazyRouteComponent(() => import('./organisation/account-page.tsx'), 'AccountPage'),
});
const jobs = createRoute({
  getParentRoute: () => desk, path: '/jobs',
  component: lazyRouteComponent(() => import('./organisation/jobs-page.tsx'), 'JobsPage'),
});

function pick<Search extends Record<string, string | undefined>>(search: Search) {
  return Object.fromEntries(
    Object.entries(search).filter(([, value]) => value !== undefined),
  ) as { [Key in keyof Search]?: string };
}

/** Every page of the product, each in a file of its own that is fetched when it is opened. */
export const router = createRouter({
  routeTree: root.addChildren([
    first, owner, welcome, invitation, keyLink, reviewLink, signIn, demonstration, calculator,
    notices, ownObjections,
    opencall, opencallRound,
    registers, holidays, readings,
    desk.addChildren([
      films, film, assets, asset, arrivals, arrival, projects, project,
      packages, onePackage, build, intake, keys, issueKeys, readiness,
      keyDesk, keyDelivery, helpDesk, custody,
      board, releases, release, bookings, deliveries,
      cinemas, circuits, cinema, facilities, reports, importReport, report,
      calendar, cinemaMap, logs, timeliness, cases, oneCase, certificates, sources,
      runs, settle, run, termsList, terms, statement,
      inputs, filmMoney, monthBoard, differences, reconciliation, book, bank, approvals,
      claims, claim, calls, policyCall, policyRecord, applicants, policyBudget, opencallDesk,
      profile, entries, entry, instruments,
      opencallCatalogues, opencallCatalogue, opencallRounds, opencallNewRound, opencallRoundDesk,
      opencallExpert, opencallExperts, opencallReviews, opencallProjects, opencallProject,
      organisation, newOrganisation, connections, auditLog, account, jobs,
    ]),
  ]),
  context: { answers },
  defaultPreload: 'intent',
  scrollRestoration: true,
});

declare module '@tanstack/react-router' {
  interface Register { router: typeof router }
}
