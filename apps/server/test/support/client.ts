import { type Client, contract, createClient } from '@yinglian/contract';

/** Asks a server for a path, as a browser's `fetch` asks the page's own. */
export type Ask = (path: string, init: RequestInit) => Promise<Response>;

/**
 * A client that stays signed in by the cookie of whoever answers, also after the server began anew.
 * `newKey` names the next request that creates.
 */
export function clientWithCookie(ask: Ask, newKey?: () => string): Client<typeof contract> {
  let cookie = '';
  return createClient(contract, {
    baseUrl: '',
    ...(newKey === undefined ? {} : { newKey }),
    fetch: async (path, init) => {
      const headers = new Headers(init?.headers);
      if (cookie !== '') headers.set('cookie', cookie);
      const response = await ask(String(path), { ...init, headers });
      cookie = response.headers.get('set-cookie')?.split(';')[0] ?? cookie;
      return response;
    },
  });
}
