import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Client, contract, createClient, type Role } from '@yinglian/contract';
import { inject } from 'vitest';
import type { Connection } from '../../src/kernel/database/supervisor.ts';
import type { App } from '../../src/kernel/http/mount.ts';
import { makeOwnerLink } from '../../src/kernel/identity/session.ts';
import { openLog } from '../../src/kernel/log.ts';
import type { KernelOptions, OpenHalls } from '../../src/kernel/kernel.ts';
import { readSettings } from '../../src/kernel/settings.ts';
import { type Network, openNetwork } from '../../src/network.ts';
import { noteSaid } from '../../../../test/discipline/planted.ts';
import { noteNetwork } from './tells.ts';
import { dropDatabase, newDatabase, urlOf } from './postgres.ts';

export type TestClient = Client<typeof contract>;
export type TestPerson = {
  readonly client: TestClient;
  /** The same connection, for requests that no typed client would make. */
  readonly send: (path: string, init?: RequestInit) => Promise<Response>;
  readonly userId: string;
  readonly organisationId: string;
};
export type OrganisationKind = Parameters<TestClient['organisations']['create']>[0]['body']['kind'];

export type TestServer = {
  readonly app: App;
  readonly network: Network;
  readonly dataFolder: string;
  readonly logLines: readonly string[];
  /** Nobody: no session. */
  readonly stranger: Omit<TestPerson, 'userId' | 'organisationId'>;
  /** The operator of the network, with an organisation of its own. */
  owner(): Promise<TestPerson>;
  /** A new organisation and its owner. */
  newOrganisation(kind: OrganisationKind, name?: string): Promise<TestPerson>;
  /** A further member with these roles. */
  newMember(of: TestPerson, roles: Role[]): Promise<TestPerson>;
  jobDone(client: TestClient, jobId: string): ReturnType<TestClient['jobs']['get']>;
  close(): Promise<void>;
};

export type TestServerOptions = {
  /** Another PostgreSQL than the run's own. */
  readonly connection?: Connection;
  readonly halls?: OpenHalls;
  readonly environment?: Record<string, string>;
  readonly webhookTimes?: KernelOptions['webhookTimes'];
  readonly limits?: KernelOptions['limits'];
  readonly now?: () => Date;
};

const BASE_URL = 'http://test.local';
const PASSWORD = 'correct horse battery';
const JOB_WITHIN_MS = 60_000;

/** The whole server in this process, over a database of its own and without a socket. */
export async function createTestServer(options: TestServerOptions = {}): Promise<TestServer> {
  const database = await newDatabase(options.connection ?? inject('postgres'));
  const dataFolder = mkdtempSync(join(tmpdir(), 'yinglian-server-'));
  const logLines: string[] = [];
  const settings = readSettings({
    YINGLIAN_DATA: dataFolder,
    YINGLIAN_DATABASE_URL: urlOf(database),
    YINGLIAN_PUBLIC_URL: BASE_URL,
    YINGLIAN_WEBHOOKS_INSIDE: 'yes',
    ...options.environment,
  });
  const network = await openNetwork(
    {
      settings,
      log: openLog('info', { write: (line) => void logLines.push(line) }),
      ...(options.now === undefined ? {} : { now: options.now }),
      ...(options.limits === undefined ? {} : { limits: options.limits }),
      ...(options.webhookTimes === undefined ? {} : { webhookTimes: options.webhookTimes }),
    },
    options.halls,
  );
  const { app } = network;
  let people = 0;
  let owner: Promise<TestPerson> | undefined;

  async function becomeOwner(): Promise<TestPerson> {
    const link = await makeOwnerLink(network.running.kernel.database, BASE_URL);
    if (link === undefined) throw new Error('the network is owned already');
    const visitor = connect(app);
    const token = link.slice(link.indexOf('#') + 1);
    const email = 'owner@example.org';
    const made = await visitor.client.session.claimOwnerLink({
      body: { token, name: '网络所有者', email, password: PASSWORD },
    });
    const organisation = await visitor.client.organisations.create({
      body: organisationBody('operator', '影联网络'),
    });
    return { ...visitor, userId: made.user?.id ?? '', organisationId: organisation.id };
  }

  async function invited(by: TestPerson, organisationId: string, roles: Role[]) {
    const email = `person${++people}@example.org`;
    const invitation = await by.client.organisations.invite({
      params: { id: organisationId },
      body: { email, roles },
    });
    const visitor = connect(app);
    const token = invitation.link.slice(invitation.link.indexOf('#') + 1);
    const session = await visitor.client.organisations.acceptInvitation({
      body: { token, name: `人员 ${people}`, password: PASSWORD },
    });
    return { ...visitor, userId: session.user?.id ?? '', organisationId };
  }

  const server: TestServer = {
    app,
    network,
    dataFolder,
    logLines,
    stranger: connect(app),
    owner: () => (owner ??= becomeOwner()),
    async newOrganisation(kind, name = `组织 ${++people}`) {
      const first = await server.owner();
      const person = await invited(first, first.organisationId, ['viewer']);
      const made = await person.client.organisations.create({ body: organisationBody(kind, name) });
      return { ...person, organisationId: made.id };
    },
    newMember: (of, roles) => invited(of, of.organisationId, roles),
    async jobDone(client, jobId) {
      const deadline = Date.now() + JOB_WITHIN_MS;
      for (;;) {
        const job = await client.jobs.get({ params: { id: jobId } });
        if (['done', 'failed', 'cancelled'].includes(job.state)) return job;
        if (Date.now() > deadline) throw new Error(`job ${job.kind} is still ${job.state}`);
        await new Promise((resolve) => setTimeout(resolve, 25));
      }
    },
    async close() {
      // A test may have taken the keeper of its keys away, or the tables of the halls.
      await noteNetwork(network, logLines).catch(() => undefined);
      await network.close();
      await dropDatabase(database);
      rmSync(dataFolder, { recursive: true, force: true });
    },
  };
  return server;
}

function organisationBody(kind: OrganisationKind, name: string) {
  return { name, nameEnglish: null, kind, creditCode: null };
}

/** A connection with a cookie jar of one cookie. */
function connect(app: App): Omit<TestPerson, 'userId' | 'organisationId'> {
  let cookie = '';
  const send = async (path: string, init: RequestInit = {}): Promise<Response> => {
    const headers = new Headers(init.headers);
    if (cookie !== '') headers.set('cookie', cookie);
    const url = path.startsWith('http') ? path : BASE_URL + path;
    const response = await app.request(url, { ...init, headers });
    const set = response.headers.get('set-cookie');
    if (set !== null) cookie = set.slice(0, set.indexOf(';'));
    if (response.status >= 400) noteSaid(await response.clone().text());
    return response;
  };
  const client = createClient(contract, {
    baseUrl: BASE_URL,
    fetch: (input, init) => send(String(input), init),
  });
  return { client, send };
}
