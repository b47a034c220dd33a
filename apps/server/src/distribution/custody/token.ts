import { spawn } from 'node:child_process';
import { constants, createPublicKey, publicEncrypt } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finding } from '@yinglian/core';
import type { TokenSettings } from '../../kernel/keeper-settings.ts';
import { conflict } from '../../kernel/refusal.ts';
import type { Keeper } from './keeper.ts';

/**
 * A PKCS#11 token through OpenSC's `pkcs11-tool`, which every distribution packages: a program of
 * its own, so that a maker's library that crashes takes no server with it. The token holds an RSA
 * key pair that never leaves it; wrapping needs its public half only.
 */
const WITHIN_MS = 30_000;
const OUTPUT_MAX = 64 * 1024;
const HASHES = { sha1: ['SHA-1', 'MGF1-SHA1'], sha256: ['SHA256', 'MGF1-SHA256'] } as const;

/** The keeper of a token; its parameters name the key, so that a swapped token is told. */
export function tokenKeeper(settings: TokenSettings): Keeper {
  const target = ['--module', settings.module, '--token-label', settings.label];
  return {
    needsPassphrase: false,
    async wrap(key) {
      const der = await run(settings, [
        ...target,
        '--read-object',
        '--type',
        'pubkey',
        '--label',
        settings.key,
      ]);
      const publicKey = createPublicKey({ key: der, format: 'der', type: 'spki' });
      const wrapped = publicEncrypt(
        { key: publicKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: settings.hash },
        key,
      );
      const { module, label, key: name, hash } = settings;
      return { parameters: { module, label, key: name, hash }, wrapped };
    },
    async unwrap({ parameters, wrapped }) {
      const [hash, mask] = HASHES[parameters['hash'] === 'sha256' ? 'sha256' : 'sha1'];
      const folder = await mkdtemp(join(tmpdir(), 'yinglian-token-'));
      try {
        // Only what is wrapped lies on the disk; the key itself comes through the pipe.
        const input = join(folder, 'wrapped');
        await writeFile(input, wrapped, { mode: 0o600 });
        return new Uint8Array(
          await run(settings, [
            ...target,
            '--login',
            '--pin',
            'env:YINGLIAN_TOKEN_PIN',
            '--decrypt',
            '--mechanism',
            'RSA-PKCS-OAEP',
            '--hash-algorithm',
            hash,
            '--mgf',
            mask,
            '--label',
            String(parameters['key'] ?? settings.key),
            '--input-file',
            input,
          ]),
        );
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
  };
}

/** The bytes that the tool writes; what it complains about may name the PIN and is not repeated. */
function run(settings: TokenSettings, words: readonly string[]): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const child = spawn('pkcs11-tool', [...words], {
      env: {
        PATH: process.env['PATH'],
        SOFTHSM2_CONF: process.env['SOFTHSM2_CONF'],
        YINGLIAN_TOKEN_PIN: settings.pin,
      },
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: WITHIN_MS,
    });
    const pieces: Buffer[] = [];
    let size = 0;
    child.stdout.on('data', (piece: Buffer) => {
      size += piece.length;
      if (size <= OUTPUT_MAX) pieces.push(piece);
    });
    const fail = (reason: string) =>
      reject(conflict(finding('unreachable_keeper', 'error', { facts: { keeper: reason } })));
    child.on('error', () => fail('pkcs11-tool'));
    child.on('close', (code) => {
      const output = Buffer.concat(pieces);
      if (code === 0 && output.length > 0) resolve(output);
      else fail(`PKCS#11 ${settings.label}`);
    });
  });
}
