import { contract } from '@yinglian/contract';
import { mountGroup, type MountedGroup } from '../../kernel/http/routes.ts';
import type { CustodyService } from '../custody/service.ts';
import type { HelpService } from './help.ts';
import type { LinkService } from './links.ts';
import type { MailService } from './mails.ts';
import type { KeyService } from './service.ts';
import { type KeySheets } from './sheets.ts';

export type KeyServices = {
  readonly keys: KeyService;
  readonly sheets: KeySheets;
  readonly links: LinkService;
  readonly mails: MailService;
  readonly help: HelpService;
  readonly custody: CustodyService;
};

/** Keys after their first issue, the desk that answers for them, and their custody. */
export function keyRoutes(services: KeyServices): MountedGroup[] {
  const { keys, sheets, links, mails, help, custody } = services;
  return [
    mountGroup('keys', contract.keys, {
      needed: ({ query: { limit, ...scope } }, context) => keys.needed(context, scope, limit),
      neededSheet: ({ query: { format, ...scope } }, context) =>
        sheets.needed(context, scope, format),
      issueNeeded: ({ body }, context) => keys.issueNeeded(context, body),
      change: ({ body: { keyIds, ...change } }, context) => keys.change(context, keyIds, change),
      withdraw: ({ body }, context) => keys.withdraw(context, body.keyIds, body.reason),
      receipts: async ({ params }, context) => ({ rows: await keys.receipts(context, params.id) }),
      sheet: ({ query: { format, ...scope } }, context) => sheets.keys(context, scope, format),
      orders: ({ query }, context) => keys.orders(context, query),
      approve: ({ params }, context) => keys.approve(context, params.id),
      decline: ({ params, body }, context) => keys.decline(context, params.id, body.note),
      policy: (_request, context) => keys.policy(context),
      setPolicy: ({ body }, context) => keys.setPolicy(context, body),
      links: ({ query }, context) => links.list(context, query),
      createLink: ({ body }, context) => links.create(context, body),
      revokeLink: ({ params }, context) => links.revoke(context, params.id),
      mails: ({ query }, context) => mails.list(context, query),
      send: ({ body }, context) => mails.send(context, body),
      bounce: async ({ bytes }, context) => ({ bounced: await mails.bounce(context, bytes) }),
    }),
    mountGroup('keyLink', contract.keyLink, {
      open: ({ body }, context) => links.open(context, body.token),
      fetch: ({ body }, context) => links.fetch(context, body.token),
    }),
    mountGroup('help', contract.help, {
      list: ({ query }, context) => help.list(context, query),
      answer: ({ params, body }, context) => help.answer(context, params.id, body.answer),
    }),
    mountGroup('custody', contract.custody, {
      state: (_request, context) => custody.state(context),
      change: ({ body }, context) => custody.change(context, body),
      unseal: ({ body }, context) => custody.unseal(context, body.passphrase),
      seal: (_request, context) => custody.seal(context),
    }),
  ];
}
