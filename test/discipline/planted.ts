import { createPrivateKey, randomUUID } from 'node:crypto';
import { appendFileSync, existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Keys that tests make are planted here, and all that a run says is written down beside them: at
 * the end of the run nothing of a key may stand in what was said.
 */
export const TELLS_FOLDER = 'YINGLIAN_TEST_TELLS';
const SECRETS = 'secrets.txt';
/** A content key is no shorter; of a longer secret its first bytes are looked for. */
const SECRET_BYTES = 16;
/** Characters of base64 that depend on the secret alone, wherever it stands in a longer text. */
const CORE_CHARACTERS = 20;

const folder = (): string | undefined => {
  const named = process.env[TELLS_FOLDER];
  return named !== undefined && existsSync(named) ? named : undefined;
};

/** Plants keys: nothing that the run says from its first to its last line may hold them. */
export function plantSecrets(secrets: Iterable<Uint8Array>): void {
  const into = folder();
  if (into === undefined) return;
  const lines = [...secrets].map((each) => `${Buffer.from(each).toString('hex')}\n`);
  appendFileSync(join(into, SECRETS), lines.join(''));
}

const own = `said-${process.pid}-${randomUUID().slice(0, 8)}.log`;

/** Writes down what somebody could read: a log line, an answer, a record of a job. */
export function noteSaid(text: string | Uint8Array): void {
  const into = folder();
  if (into !== undefined && text.length > 0) appendFileSync(join(into, own), text);
}

/** Every way in which somebody might read a secret in a text: hex, and base64 at three offsets. */
function writings(secret: Uint8Array): string[] {
  const bytes = Buffer.from(secret.subarray(0, SECRET_BYTES));
  const cores = [0, 1, 2].map((pad) => {
    const text = Buffer.concat([Buffer.alloc(pad), bytes]).toString('base64');
    return text.slice(pad === 0 ? 0 : pad + 1).slice(0, CORE_CHARACTERS);
  });
  return [bytes.toString('hex'), ...cores];
}

/** Longer texts of these characters may be hex or base64, of both alphabets. */
const CODED = /[0-9A-Za-z+/_-]{20,}/g;
/** A private key in a text, whoever made it. */
const PRIVATE = /-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----/;

/** Where a text holds one of the secrets, or a private key of anybody. */
export function tellsIn(content: Buffer, secrets: readonly Uint8Array[]): string[] {
  const text = content.toString('latin1');
  const tells: string[] = [];
  if (PRIVATE.test(text)) tells.push('a private key');
  const written = new Set(secrets.flatMap(writings));
  const hexCharacters = SECRET_BYTES * 2;
  for (const [run] of text.matchAll(CODED)) {
    const plain = run.replaceAll('-', '+').replaceAll('_', '/');
    const lower = run.toLowerCase();
    for (let at = 0; at + CORE_CHARACTERS <= run.length; at++) {
      const isHex = written.has(lower.slice(at, at + hexCharacters));
      if (!isHex && !written.has(plain.slice(at, at + CORE_CHARACTERS))) continue;
      tells.push(`a planted key in ${isHex ? 'hex' : 'base64'}`);
      break;
    }
  }
  for (const secret of secrets) {
    if (content.includes(Buffer.from(secret.subarray(0, SECRET_BYTES)))) {
      tells.push('a planted key as bytes');
    }
  }
  return tells;
}

/** All that a run told of its secrets, by the file that holds it; empty is well. */
export function tellsOfRun(of: string): string[] {
  const path = join(of, SECRETS);
  const lines = existsSync(path) ? readFileSync(path, 'utf8').split('\n') : [];
  const secrets = [...new Set(lines)]
    .filter((line) => line.length >= SECRET_BYTES * 2)
    .map((line) => Buffer.from(line, 'hex'));
  return readdirSync(of)
    .filter((name) => name !== SECRETS && statSync(join(of, name)).isFile())
    .flatMap((name) =>
      tellsIn(readFileSync(join(of, name)), secrets).map((tell) => `${name}: ${tell}`),
    );
}

/** Plants private keys, as they are written in DER. */
export function plantPrivateKeys(keys: Iterable<Uint8Array>): void {
  plantSecrets(
    [...keys].map((key) => {
      const made = createPrivateKey({ key: Buffer.from(key), format: 'der', type: 'pkcs8' });
      return Buffer.from(made.export({ format: 'jwk' }).d!, 'base64url');
    }),
  );
}
