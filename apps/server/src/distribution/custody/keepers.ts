import { createCipheriv, createDecipheriv, randomBytes, scrypt } from 'node:crypto';
import { finding } from '@yinglian/core';
import { z } from 'zod';
import type { KeeperSettings } from '../../kernel/keeper-settings.ts';
import { invalid } from '../../kernel/refusal.ts';
import type { Vault } from '../../kernel/vault.ts';
import type { Keeper, KeeperName } from './keeper.ts';
import { kmsKeeper } from './kms.ts';
import { tokenKeeper } from './token.ts';

/** The purpose under which the server's own keeper seals. */
export const CUSTODY_PURPOSE = 'distribution.custody';
/** Fewer are guessed from a stolen backup, whatever scrypt costs. */
export const PASSPHRASE_CHARACTERS = 12;
/** OWASP's first choice for scrypt: 128 MiB and half a second for each guess. */
const SCRYPT_COST = { N: 2 ** 17, r: 8, p: 1 } as const;
const SALT_BYTES = 16;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const KEY_BYTES = 32;

/** The keepers that this server can use; one that is not set up is absent. */
export function openKeepers(
  vault: Vault,
  settings: KeeperSettings,
): Readonly<Partial<Record<KeeperName, Keeper>>> {
  return {
    server: serverKeeper(vault),
    passphrase: passphraseKeeper(),
    ...(settings.token === undefined ? {} : { token: tokenKeeper(settings.token) }),
    ...(settings.kms === undefined ? {} : { kms: kmsKeeper(settings.kms) }),
  };
}

function serverKeeper(vault: Vault): Keeper {
  return {
    needsPassphrase: false,
    wrap: async (key) => ({ parameters: {}, wrapped: vault.seal(CUSTODY_PURPOSE, key) }),
    unwrap: async ({ wrapped }) => vault.open(CUSTODY_PURPOSE, wrapped),
  };
}

const costs = z.object({
  salt: z.string().regex(/^[0-9a-f]{32}$/),
  n: z
    .number()
    .int()
    .min(2 ** 14)
    .max(2 ** 22),
  r: z.number().int().min(1).max(32),
  p: z.number().int().min(1).max(16),
});

function passphraseKeeper(): Keeper {
  return {
    needsPassphrase: true,
    async wrap(key, passphrase = '') {
      if (passphrase.length < PASSPHRASE_CHARACTERS) {
        const facts = { minimum: PASSPHRASE_CHARACTERS };
        throw invalid(finding('short_passphrase', 'error', { facts, at: { field: 'passphrase' } }));
      }
      const salt = randomBytes(SALT_BYTES);
      const { N: n, r, p } = SCRYPT_COST;
      const parameters = { salt: salt.toString('hex'), n, r, p };
      const under = await stretched(passphrase, parameters);
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', under, nonce);
      const body = Buffer.concat([cipher.update(key), cipher.final()]);
      under.fill(0);
      return { parameters, wrapped: Buffer.concat([nonce, body, cipher.getAuthTag()]) };
    },
    async unwrap({ parameters, wrapped }, passphrase = '') {
      const under = await stretched(passphrase, costs.parse(parameters));
      const nonce = wrapped.subarray(0, NONCE_BYTES);
      const decipher = createDecipheriv('aes-256-gcm', under, nonce);
      decipher.setAuthTag(wrapped.subarray(wrapped.length - TAG_BYTES));
      const body = wrapped.subarray(NONCE_BYTES, wrapped.length - TAG_BYTES);
      try {
        return new Uint8Array(Buffer.concat([decipher.update(body), decipher.final()]));
      } catch {
        throw invalid(finding('wrong_passphrase', 'error', { at: { field: 'passphrase' } }));
      } finally {
        under.fill(0);
      }
    },
  };
}

/** NFC, so that the same words typed on another keyboard are the same passphrase. */
function stretched(passphrase: string, cost: z.output<typeof costs>): Promise<Buffer> {
  const salt = Buffer.from(cost.salt, 'hex');
  // Node asks for the memory to be allowed that the parameters need: 128 N r, and some.
  const options = { N: cost.n, r: cost.r, p: cost.p, maxmem: 256 * cost.n * cost.r };
  return new Promise((resolve, reject) => {
    scrypt(passphrase.normalize('NFC'), salt, KEY_BYTES, options, (fault, key) =>
      fault === null ? resolve(key) : reject(fault),
    );
  });
}
