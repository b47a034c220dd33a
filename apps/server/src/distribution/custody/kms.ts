import { finding } from '@yinglian/core';
import { AwsClient } from 'aws4fetch';
import { z } from 'zod';
import type { KmsSettings } from '../../kernel/keeper-settings.ts';
import { conflict } from '../../kernel/refusal.ts';
import type { Keeper } from './keeper.ts';

/**
 * A key service by the two calls that matter: Encrypt and Decrypt of the AWS KMS API, requests
 * signed with Signature Version 4. Other services speak it too, or are reached through a gateway.
 */
const WITHIN_MS = 15_000;
const ANSWER_MAX = 64 * 1024;
/** Bound to the wrapped key: the service opens it for no other purpose. */
const CONTEXT = { purpose: 'yinglian content key custody' };

const encrypted = z.object({ CiphertextBlob: z.string() });
const decrypted = z.object({ Plaintext: z.string(), KeyId: z.string().optional() });

/** The keeper of a key service. */
export function kmsKeeper(settings: KmsSettings): Keeper {
  const { region, accessKeyId, secretAccessKey } = settings;
  const client = new AwsClient({
    accessKeyId,
    secretAccessKey,
    region,
    service: 'kms',
    retries: 0,
  });

  async function call(action: 'Encrypt' | 'Decrypt', body: object): Promise<unknown> {
    try {
      const request = await client.sign(settings.endpoint, {
        method: 'POST',
        headers: {
          'content-type': 'application/x-amz-json-1.1',
          'x-amz-target': `TrentService.${action}`,
        },
        body: JSON.stringify({ ...body, KeyId: settings.keyId, EncryptionContext: CONTEXT }),
        // A redirect would carry a wrapped key elsewhere.
        redirect: 'error',
        signal: AbortSignal.timeout(WITHIN_MS),
      });
      const response = await fetch(request);
      const text = await response.text();
      if (!response.ok || text.length > ANSWER_MAX) throw new Error(String(response.status));
      return JSON.parse(text) as unknown;
    } catch {
      // What a service says may repeat what it was sent.
      const facts = { keeper: `KMS ${new URL(settings.endpoint).host}` };
      throw conflict(finding('unreachable_keeper', 'error', { facts }));
    }
  }

  return {
    needsPassphrase: false,
    async wrap(key) {
      const answer = await call('Encrypt', { Plaintext: Buffer.from(key).toString('base64') });
      const wrapped = Buffer.from(encrypted.parse(answer).CiphertextBlob, 'base64');
      return { parameters: { key: settings.keyId, region }, wrapped };
    },
    async unwrap({ wrapped }) {
      const blob = Buffer.from(wrapped).toString('base64');
      const answer = await call('Decrypt', { CiphertextBlob: blob });
      return new Uint8Array(Buffer.from(decrypted.parse(answer).Plaintext, 'base64'));
    },
  };
}
