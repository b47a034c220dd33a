import { z } from 'zod';
import { endpoint } from './endpoint.ts';
import { accepted, count, id, instant } from './shapes.ts';

/** Where the key of all content keys is kept; the operator's matter. */

export const KEEPERS = ['server', 'passphrase', 'token', 'kms'] as const;
const keeper = z.enum(KEEPERS);
const passphrase = z.string().min(1).max(1000);

const custodyState = z.object({
  keeper,
  /** `sealed`: content keys cannot be read, and nothing can be issued, until it is opened. */
  state: z.enum(['open', 'sealed']),
  id: id.nullable(),
  since: instant.nullable(),
  contentKeys: count,
  /** Content keys still under a key before the present one. */
  waiting: count,
  /** The keepers that this server is set up for. */
  keepers: z.array(keeper),
});

export const custody = {
  state: endpoint({
    method: 'GET',
    path: '/api/network/custody',
    permission: 'network.administer',
    summary: { zh: '内容密钥的保管', en: 'How content keys are kept' },
    result: custodyState,
  }),
  change: endpoint({
    method: 'POST',
    path: '/api/network/custody',
    permission: 'network.administer',
    summary: {
      zh: '更换保管方式，或轮换保管密钥',
      en: 'Choose another keeper, or change its key',
    },
    body: z.object({ keeper, passphrase: passphrase.optional() }),
    result: accepted,
    errors: ['invalid', 'conflict'],
  }),
  unseal: endpoint({
    method: 'POST',
    path: '/api/network/custody/unsealing',
    permission: 'network.administer',
    summary: { zh: '以口令启封', en: 'Open the custody with its passphrase' },
    body: z.object({ passphrase }),
    result: custodyState,
    errors: ['invalid', 'conflict'],
  }),
  seal: endpoint({
    method: 'POST',
    path: '/api/network/custody/sealing',
    permission: 'network.administer',
    summary: { zh: '封存', en: 'Close it until the passphrase is given' },
    body: z.object({}),
    result: custodyState,
    errors: ['invalid'],
  }),
};
