import { lookup as systemLookup } from 'node:dns/promises';
import { request as requestPlain } from 'node:http';
import { request as requestSecure } from 'node:https';
import { BlockList, isIP, type LookupFunction } from 'node:net';

/**
 * Requests to addresses that somebody else wrote down. They must not reach inside: a name is
 * resolved once, every address that it stands for is judged, and the connection goes to a judged
 * address, so that a name which changes its mind in between gains nothing.
 */
export type Outside = {
  /** Undefined where the address may be sent to, as far as its name can be resolved now. */
  fault(url: string): Promise<OutsideFault | undefined>;
  /** Posts once; redirects are not followed, the answer's body is not read. */
  post(message: OutsideMessage): Promise<OutsideAnswer>;
  /** Reads once, up to a limit of bytes; redirects are not followed. */
  get(request: OutsideRequest): Promise<OutsideDocument>;
};
export type OutsideFault = 'inside_address' | 'unresolved_name';
export type OutsideMessage = {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly signal: AbortSignal;
};
export type OutsideRequest = {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly limitBytes: number;
  readonly signal: AbortSignal;
};
export type OutsideDocument =
  | {
      readonly status: number;
      readonly headers: Readonly<Record<string, string | undefined>>;
      readonly bytes: Uint8Array;
    }
  | { readonly fault: OutsideFault | 'silent_receiver' | 'broken_connection' | 'excessive_bytes' };
export type OutsideAnswer =
  | { readonly status: number }
  | { readonly fault: OutsideFault | 'silent_receiver' | 'broken_connection' };

export type Address = { readonly address: string; readonly family: number };
export type OutsideOptions = {
  /** Closed networks deliver to their own machines. */
  readonly allowInside: boolean;
  readonly withinMs: number;
  readonly resolve?: (hostname: string) => Promise<readonly Address[]>;
  readonly isInside?: (address: string) => boolean;
};

/** IANA's special-purpose registries (RFC 6890): whatever is not the open network. */
const INSIDE_4 = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const;
/** Among them the ranges that carry an IPv4 address inside: mapped, NAT64, 6to4, Teredo. */
const INSIDE_6 = [
  ['::', 96],
  ['::ffff:0:0', 96],
  ['64:ff9b::', 96],
  ['64:ff9b:1::', 48],
  ['100::', 64],
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
  ['5f00::', 16],
  ['fc00::', 7],
  ['fe80::', 10],
  ['fec0::', 10],
  ['ff00::', 8],
] as const;

// Two lists: one alone would take every IPv4 address for the mapped form, which is inside.
const inside4 = new BlockList();
const inside6 = new BlockList();
for (const [net, bits] of INSIDE_4) inside4.addSubnet(net, bits, 'ipv4');
for (const [net, bits] of INSIDE_6) inside6.addSubnet(net, bits, 'ipv6');

/** Whether an address belongs to this machine, its neighbourhood or nobody. */
export function isInsideAddress(address: string): boolean {
  const family = isIP(address);
  if (family === 0) return true;
  return family === 6 ? inside6.check(address, 'ipv6') : inside4.check(address, 'ipv4');
}

export function openOutside(options: OutsideOptions): Outside {
  const resolve =
    options.resolve ??
    ((hostname: string) => systemLookup(hostname, { all: true, verbatim: true }));
  const isInside = options.isInside ?? isInsideAddress;

  /** The addresses to connect to; a literal address stands for itself. */
  async function judged(url: string): Promise<readonly Address[] | OutsideFault> {
    const hostname = new URL(url).hostname.replace(/^\[|\]$/g, '');
    const family = isIP(hostname);
    const addresses =
      family === 0 ? await resolve(hostname).catch(() => []) : [{ address: hostname, family }];
    if (addresses.length === 0) return 'unresolved_name';
    // One bad address among good ones is enough: which is taken would be left to chance.
    const refused = !options.allowInside && addresses.some(({ address }) => isInside(address));
    return refused ? 'inside_address' : addresses;
  }

  return {
    async fault(url) {
      const addresses = await judged(url);
      return typeof addresses === 'string' ? addresses : undefined;
    },
    async post(message) {
      const addresses = await judged(message.url);
      if (typeof addresses === 'string') return { fault: addresses };
      const signal = AbortSignal.any([message.signal, AbortSignal.timeout(options.withinMs)]);
      try {
        return { status: await send(message, addresses, signal) };
      } catch {
        message.signal.throwIfAborted();
        return { fault: signal.aborted ? 'silent_receiver' : 'broken_connection' };
      }
    },
    async get(request) {
      const addresses = await judged(request.url);
      if (typeof addresses === 'string') return { fault: addresses };
      const signal = AbortSignal.any([request.signal, AbortSignal.timeout(options.withinMs)]);
      try {
        return await fetchFrom(request, addresses, signal);
      } catch (thrown) {
        request.signal.throwIfAborted();
        if (thrown instanceof RangeError) return { fault: 'excessive_bytes' };
        return { fault: signal.aborted ? 'silent_receiver' : 'broken_connection' };
      }
    },
  };
}

/** The connection goes to an address that was judged, whatever the name says by then. */
function lookupOf(addresses: readonly Address[]): LookupFunction {
  const [first] = addresses;
  return (_hostname, given, callback) => {
    if (given.all === true) callback(null, [...addresses]);
    else callback(null, first?.address ?? '', first?.family);
  };
}

function fetchFrom(
  { url, headers, limitBytes }: OutsideRequest,
  addresses: readonly Address[],
  signal: AbortSignal,
): Promise<OutsideDocument> {
  const request = url.startsWith('https:') ? requestSecure : requestPlain;
  return new Promise((resolve, reject) => {
    const sent = request(
      url,
      {
        headers: { ...headers, 'accept-encoding': 'identity', connection: 'close' },
        lookup: lookupOf(addresses),
        signal,
        agent: false,
      },
      (response) => {
        const parts: Buffer[] = [];
        let size = 0;
        response.on('data', (part: Buffer) => {
          size += part.length;
          if (size > limitBytes) response.destroy(new RangeError('too many bytes'));
          else parts.push(part);
        });
        response.on('error', reject);
        response.on('end', () => {
          const named = (name: string) => [response.headers[name] ?? undefined].flat()[0];
          resolve({
            status: response.statusCode ?? 0,
            headers: { etag: named('etag'), 'last-modified': named('last-modified') },
            bytes: new Uint8Array(Buffer.concat(parts)),
          });
        });
      },
    );
    sent.on('error', reject);
    sent.end();
  });
}

function send(
  { url, headers, body }: OutsideMessage,
  addresses: readonly Address[],
  signal: AbortSignal,
): Promise<number> {
  const request = url.startsWith('https:') ? requestSecure : requestPlain;
  return new Promise((resolve, reject) => {
    const sent = request(
      url,
      {
        method: 'POST',
        headers: { ...headers, 'content-length': Buffer.byteLength(body), connection: 'close' },
        lookup: lookupOf(addresses),
        signal,
        agent: false,
      },
      (response) => {
        resolve(response.statusCode ?? 0);
        // Nothing of the body is of use, however long it is.
        response.destroy();
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}
