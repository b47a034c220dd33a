import { contract } from '@yinglian/contract';
import type { RequireAccess } from '../access/access.ts';
import type { Context, Person } from '../context.ts';
import type { Database, Transaction } from '../database/database.ts';
import { type Handlers, type Http, mountGroup, type MountedGroup } from '../http/routes.ts';
import { notAllowed, notFound, notSignedIn } from '../refusal.ts';
import type { Write } from '../write.ts';
import { attemptLimiter } from './attempts.ts';
import { callers } from './caller.ts';
import type { Identity } from './face.ts';
import { oneTimeToken, tokenHash } from './identity.ts';

/** Sessions for other parts of the kernel and for the demonstration. */
export type Sessions = {
  /** Signs the person in on this connection and answers with the session's view. */
  open(http: Http, userId: string, organisationId?: string): Promise<SessionView>;
  /** Turns the session of these headers to another organisation of the person. */
  actFor(headers: Headers, organisationId: string): Promise<void>;
  view(context: Context): Promise<SessionView>;
};

export type SessionView = Awaited<ReturnType<Handlers<typeof contract.session>['get']>>;

export type SessionsOptions = { readonly database: Database; readonly identity: Identity };

export function openSessions(options: SessionsOptions): Sessions {
  const { database, identity } = options;
  const { ofJob: contextOf } = callers(database, identity);

  async function view(context: Context): Promise<SessionView> {
    const { user, organisation } = context;
    if (user === undefined) {
      return { user: null, organisation: null, organisations: [], permissions: [] };
    }
    const rows = await database
      .selectFrom('kernel.member as member')
      .innerJoin('kernel.organisation as each', 'each.id', 'member.organisation_id')
      .select(['each.id', 'each.name', 'each.name_english', 'each.kind'])
      .where('member.user_id', '=', user.id)
      .orderBy('each.name')
      .execute();
    const acting = rows.find((row) => row.id === organisation?.id);
    return {
      user: { ...user },
      organisation:
        acting === undefined
          ? null
          : {
              id: acting.id,
              name: acting.name,
              nameEnglish: acting.name_english,
              kind: acting.kind,
            },
      organisations: rows.map(({ id, name, kind }) => ({ id, name, kind })),
      permissions: [...context.permissions],
    };
  }

  return {
    view,
    async open(http, userId, organisationId) {
      const { cookie, token } = await identity.openSession(userId);
      const first = await database
        .selectFrom('kernel.member')
        .select('organisation_id')
        .where('user_id', '=', userId)
        .orderBy('created_at')
        .limit(1)
        .executeTakeFirst();
      const acting = organisationId ?? first?.organisation_id ?? null;
      await database
        .updateTable('identity.session')
        .set({ organisation_id: acting })
        .where('token', '=', token)
        .execute();
      http.setCookie(cookie);
      return view(await contextOf(userId, acting, new AbortController().signal));
    },
    async actFor(headers, organisationId) {
      const recognised = await identity.recognise(headers);
      if (recognised?.token == null) return;
      await database
        .updateTable('identity.session')
        .set({ organisation_id: organisationId })
        .where('token', '=', recognised.token)
        .execute();
    },
  };
}

/** For what a person may do without acting for an organisation. */
export function requirePerson(context: Context): Person {
  if (context.user === undefined) throw notSignedIn();
  return context.user;
}

export type SessionRoutesOptions = SessionsOptions & {
  readonly sessions: Sessions;
  readonly write: Write;
  readonly requireAccess: RequireAccess;
  readonly now: () => Date;
};

export function sessionRoutes(options: SessionRoutesOptions): MountedGroup {
  return mountGroup('session', contract.session, { ...signing(options), ...keys(options) });
}

type Group = typeof contract.session;

function signing(
  options: SessionRoutesOptions,
): Pick<Handlers<Group>, 'get' | 'claimOwnerLink' | 'signIn' | 'signOut' | 'chooseOrganisation'> {
  const { database, identity, sessions, write } = options;
  const attempts = attemptLimiter(options.now);
  return {
    get: (_, context) => sessions.view(context),
    async claimOwnerLink({ body }, context, http) {
      attempts.count(`owner ${http.remoteAddress}`);
      const userId = await write(context, async ({ transaction, audit }) => {
        await spendOwnerLink(transaction, body.token, options.now());
        const known = await identity.findPerson(body.email);
        if (known !== undefined) throw notAllowed({ reason: 'known_address' });
        const made = await identity.createPerson(body);
        await transaction.insertInto('kernel.operator').values({ user_id: made }).execute();
        audit({ action: 'network.own', subjectKind: 'person', subjectId: made });
        return made;
      });
      return sessions.open(http, userId);
    },
    async signIn({ body }, _context, http) {
      const email = body.email.toLowerCase();
      attempts.count(`address ${http.remoteAddress}`);
      attempts.count(`email ${email}`);
      const userId = await identity.checkPassword(email, body.password);
      if (userId === undefined) throw notAllowed({ reason: 'wrong_password' });
      attempts.forget(`email ${email}`);
      return sessions.open(http, userId);
    },
    async signOut(_request, _context, http) {
      const { cookie } = await identity.closeSession(http.headers);
      http.setCookie(cookie);
    },
    async chooseOrganisation({ body }, context, http) {
      const person = requirePerson(context);
      const member = await database
        .selectFrom('kernel.member')
        .select('roles')
        .where('user_id', '=', person.id)
        .where('organisation_id', '=', body.organisationId)
        .executeTakeFirst();
      if (member === undefined) throw notFound({ id: body.organisationId });
      await sessions.actFor(http.headers, body.organisationId);
      const { ofJob } = callers(database, identity);
      return sessions.view(await ofJob(person.id, body.organisationId, context.signal));
    },
  };
}

function keys(
  options: SessionRoutesOptions,
): Pick<Handlers<Group>, 'apiKeys' | 'createApiKey' | 'revokeApiKey'> {
  const { identity, requireAccess, write } = options;
  return {
    async apiKeys(_request, context) {
      const { organisationId } = await requireAccess(context, 'organisation.administer');
      const rows = await identity.listKeys(organisationId);
      return {
        rows: rows.map((row) => ({
          id: row.id,
          name: row.name,
          start: row.start,
          createdAt: row.createdAt.toISOString(),
          expiresAt: row.expiresAt?.toISOString() ?? null,
          lastUsedAt: row.lastUsedAt?.toISOString() ?? null,
        })),
      };
    },
    async createApiKey({ body }, context) {
      const { organisationId } = await requireAccess(context, 'organisation.administer');
      const person = requirePerson(context);
      return write(context, async ({ audit }) => {
        const made = await identity.createKey({ userId: person.id, organisationId, ...body });
        audit({
          action: 'api_key.create',
          subjectKind: 'api_key',
          subjectId: made.id,
          facts: { name: body.name, expiresInDays: body.expiresInDays },
        });
        return made;
      });
    },
    async revokeApiKey({ params }, context) {
      const { organisationId } = await requireAccess(context, 'organisation.administer');
      await write(context, async ({ audit }) => {
        if (!(await identity.revokeKey(organisationId, params.id))) throw notFound(params);
        audit({ action: 'api_key.revoke', subjectKind: 'api_key', subjectId: params.id });
      });
    },
  };
}

/** Makes the link that the first start prints, unless somebody owns the network already. */
export async function makeOwnerLink(
  database: Database,
  publicUrl: string,
): Promise<string | undefined> {
  const operator = await database
    .selectFrom('kernel.operator')
    .select('user_id')
    .limit(1)
    .executeTakeFirst();
  if (operator !== undefined) return undefined;
  const { token, hash } = oneTimeToken();
  await database.transaction().execute(async (transaction) => {
    // The newest link is the one on the screen; older ones end.
    await transaction.deleteFrom('kernel.owner_link').where('used_at', 'is', null).execute();
    await transaction.insertInto('kernel.owner_link').values({ token_hash: hash }).execute();
  });
  // After the `#`, so that it reaches no access log on the way.
  return `${publicUrl}/owner#${token}`;
}

async function spendOwnerLink(transaction: Transaction, token: string, now: Date): Promise<void> {
  const spent = await transaction
    .updateTable('kernel.owner_link')
    .set({ used_at: now })
    .where('token_hash', '=', tokenHash(token))
    .where('used_at', 'is', null)
    .returning('token_hash')
    .executeTakeFirst();
  if (spent === undefined) throw notAllowed({ reason: 'unusable_link' });
}
