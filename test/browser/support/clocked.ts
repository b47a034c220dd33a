import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Client, contract, createClient, type Role } from '@yinglian/contract';
import type { Browser, BrowserContext } from 'playwright-core';
import { startEmbedded } from '../../../apps/server/src/kernel/database/supervisor.ts';
import { listen } from '../../../apps/server/src/kernel/http/listen.ts';
import { makeOwnerLink } from '../../../apps/server/src/kernel/identity/session.ts';
import { openLog } from '../../../apps/server/src/kernel/log.ts';
import { readSettings } from '../../../apps/server/src/kernel/settings.ts';
import { openNetwork } from '../../../apps/server/src/network.ts';

type OrganisationKind = Parameters<
  Client<typeof contract>['organisations']['create']
>[0]['body']['kind'];

/** Somebody with a session of one's own, for the API and for a browser. */
export type Visitor = {
  readonly client: Client<typeof contract>;
  readonly cookie: () => string;
  readonly organisationId: string;
};

/** A whole server in this process whose clock goes forward when a test says so. */
export type ClockedServer = {
  readonly address: string;
  now(): number;
  forward(milliseconds: number): void;
  owner(): Promise<Visitor>;
  newOrganisation(kind: OrganisationKind, name: string): Promise<Visitor>;
  newMember(of: Visitor, role: Role, name: string): Promise<Visitor>;
  /** A browser's own context, signed in as the visitor, on the server's clock. */
  enter(browser: Browser, visitor: Visitor): Promise<BrowserContext>;
  close(): Promise<void>;
};

const PASSWORD = 'correct horse battery';

/** Starts it: weeks of notice pass in a moment, and the hour strikes when it is told to. */
export async function startClocked(start: string): Promise<ClockedServer> {
  const folder = await mkdtemp(join(tmpdir(), 'yinglian-clocked-'));
  let clock = Date.parse(start);
  const gate = await listen(0, '127.0.0.1');
  const address = `http://localhost:${gate.port}`;
  const settings = readSettings({ YINGLIAN_DATA: folder, YINGLIAN_PUBLIC_URL: address });
  const embedded = await startEmbedded({ folder });
  const network = await openNetwork({
    settings,
    log: openLog('error', { write: () => {} }),
    now: () => new Date(clock),
    embedded: Promise.resolve(embedded),
  });
  gate.serve((request, environment) => network.app.fetch(request, environment));
  const connect = () => {
    let cookie = '';
    const client = createClient(contract, {
      baseUrl: address,
      newKey: () => crypto.randomUUID(),
      fetch: async (target, init) => {
        const headers = { ...(init?.headers as Record<string, string>), cookie, origin: address };
        const response = await fetch(target, { ...init, headers });
        const set = response.headers.getSetCookie().map((each) => each.split(';')[0]);
        if (set.length > 0) cookie = set.join('; ');
        return response;
      },
    });
    return { client, cookie: () => cookie };
  };
  let people = 0;
  let first: Promise<Visitor> | undefined;
  const becomeOwner = async (): Promise<Visitor> => {
    const link = (await makeOwnerLink(network.running.kernel.database, address))!;
    const visitor = connect();
    const token = link.slice(link.indexOf('#') + 1);
    await visitor.client.session.claimOwnerLink({
      body: { token, name: '网络所有者', email: 'owner@example.org', password: PASSWORD },
    });
    const { id } = await visitor.client.organisations.create({
      body: { name: '影联网络', nameEnglish: null, kind: 'operator', creditCode: null },
    });
    return { ...visitor, organisationId: id };
  };
  const invited = async (by: Visitor, organisationId: string, role: Role, name: string) => {
    people += 1;
    const invitation = await by.client.organisations.invite({
      params: { id: organisationId },
      body: { email: `person${people}@example.org`, roles: [role] },
    });
    const visitor = connect();
    const token = invitation.link.slice(invitation.link.indexOf('#') + 1);
    await visitor.client.organisations.acceptInvitation({
      body: { token, name, password: PASSWORD },
    });
    return { ...visitor, organisationId };
  };
  const server: ClockedServer = {
    address,
    now: () => clock,
    forward: (milliseconds) => void (clock += milliseconds),
    owner: () => (first ??= becomeOwner()),
    async newOrganisation(kind, name) {
      const owner = await server.owner();
      const person = await invited(owner, owner.organisationId, 'viewer', `${name}负责人`);
      const { id } = await person.client.organisations.create({
        body: { name, nameEnglish: null, kind, creditCode: null },
      });
      return { ...person, organisationId: id };
    },
    newMember: (of, role, name) => invited(of, of.organisationId, role, name),
    async enter(browser, visitor) {
      const context = await browser.newContext({
        viewport: { width: 1280, height: 900 },
        locale: 'zh-CN',
        timezoneId: 'Asia/Shanghai',
        reducedMotion: 'reduce',
        baseURL: address,
        acceptDownloads: true,
      });
      const pairs = visitor
        .cookie()
        .split('; ')
        .filter((each) => each !== '');
      await context.addCookies(
        pairs.map((pair) => ({
          name: pair.slice(0, pair.indexOf('=')),
          value: pair.slice(pair.indexOf('=') + 1),
          url: address,
        })),
      );
      await context.clock.setFixedTime(clock);
      return context;
    },
    async close() {
      gate.close();
      await network.close();
      await embedded.stop().catch(() => {});
      await rm(folder, { recursive: true, force: true });
    },
  };
  return server;
}
