import { addressOf, contract, type OutputOf } from '@yinglian/contract';
import { answers, ask, forget } from './api.ts';

type LiveEvent = OutputOf<typeof contract.jobs.events.events>;
type Job = Extract<LiveEvent, { type: 'job' }>['job'];

let source: EventSource | undefined;
const listeners = new Set<(job: Job) => void>();

/** Listens to the server's live progress while somebody is signed in; asking twice is harmless. */
export function startEvents(): void {
  if (source !== undefined) return;
  source = new EventSource(addressOf(contract.jobs.events));
  const receive = (message: MessageEvent<string>) => take(JSON.parse(message.data) as LiveEvent);
  for (const name of ['message', 'job', 'changed']) source.addEventListener(name, receive);
  // What happened while the line was down was not told: everything on screen is asked again.
  let wasDown = false;
  source.onerror = () => {
    wasDown = true;
  };
  source.onopen = () => {
    if (wasDown) void answers.invalidateQueries();
    wasDown = false;
  };
}

export function stopEvents(): void {
  source?.close();
  source = undefined;
}

/** Calls back with each job that moves; returns how to stop. */
export function onJob(listener: (job: Job) => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

const HALLS = ['film', 'production', 'distribution', 'exhibition', 'settlement'] as const;
type Group = Parameters<typeof forget>[number];
/** Which answers a record is part of; one that is not here may be of any hall. */
const GROUPS_OF: Readonly<Record<string, readonly Group[]>> = {
  film: ['film'],
  asset: ['production'],
  note: ['production'],
  project: ['projects'],
  shot: ['shots', 'projects'],
  cut: ['shots'],
  task: ['tasks', 'shots', 'projects'],
  shoot_day: ['shoot', 'projects'],
  take: ['shoot'],
  turnover: ['turnovers', 'shots'],
  version: ['versions', 'shots', 'projects'],
  deliverable: ['deliverables', 'projects'],
  package: ['distribution', 'releases', 'shows', 'sites'],
  key: ['distribution', 'releases', 'shows'],
  circuit: ['exhibition'],
  cinema: ['exhibition', 'shows'],
  screen: ['exhibition', 'shows'],
  report: ['exhibition'],
  terms: ['settlement'],
  run: ['settlement'],
  statement: ['settlement', 'ledger'],
  dispute: ['settlement', 'ledger'],
  proposal: ['ledger'],
  bank: ['ledger'],
  difference: ['ledger'],
  release: ['releases', 'bookings'],
  booking: ['bookings', 'releases', 'shows', 'sites'],
  programme: ['shows'],
  help: ['shows'],
  site: ['sites', 'shows'],
};

function take(event: LiveEvent): void {
  if (event.type === 'changed') {
    void forget('film', ...(GROUPS_OF[event.kind] ?? HALLS));
    return;
  }
  const { job } = event;
  answers.setQueryData(ask('jobs', 'get', { params: { id: job.id } }).queryKey, job);
  void answers.invalidateQueries({ queryKey: ['jobs', 'list'] });
  for (const listener of listeners) listener(job);
  if (job.finishedAt !== null) {
    const hall = HALLS.find((each) => job.kind.startsWith(each));
    void forget('film', ...(hall === undefined ? HALLS : [hall]));
  }
}
