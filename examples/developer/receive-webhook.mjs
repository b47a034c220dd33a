// Receives the changes of a network and believes only those that it signed.
//
//   WEBHOOK_SECRET=whsec_… node examples/developer/receive-webhook.mjs
import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';

const TOLERANCE_SECONDS = 300;
const BODY_BYTES_MAX = 1024 * 1024;

/** Whether a body was signed with this secret, and lately: an old one may be a recorded one. */
export function isSigned(body, signature, secret, nowSeconds) {
  const [, seconds, mac] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(signature ?? '') ?? [];
  if (mac === undefined || Math.abs(nowSeconds - Number(seconds)) > TOLERANCE_SECONDS) return false;
  const expected = createHmac('sha256', secret).update(`${seconds}.${body}`).digest();
  return timingSafeEqual(expected, Buffer.from(mac, 'hex'));
}

/** A server that hands each change over once: a repeat has the `id` of the first. */
export function receiver(secret, take) {
  const seen = new Set();
  return createServer((request, response) => {
    const chunks = [];
    let size = 0;
    request.on('data', (chunk) => {
      size += chunk.length;
      if (size > BODY_BYTES_MAX) request.destroy();
      else chunks.push(chunk);
    });
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString('utf8');
      const signature = request.headers['yinglian-signature'];
      if (!isSigned(body, signature, secret, Date.now() / 1000)) {
        response.writeHead(401).end();
        return;
      }
      const change = JSON.parse(body);
      if (!seen.has(change.id)) take(change);
      seen.add(change.id);
      // Answer at once and work later: whatever is not 2xx comes again.
      response.writeHead(204).end();
    });
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  receiver(process.env.WEBHOOK_SECRET, (change) => console.log(change)).listen(8080);
}
