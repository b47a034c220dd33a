import { contract, createClient } from '@yinglian/contract';
import type { TestServer } from './server.ts';

/** Claims a fresh network with its owner link, founds an organisation, and gives an API key. */
export async function ownerKey(server: TestServer): Promise<string> {
  let cookie = '';
  const client = createClient(contract, {
    baseUrl: server.address,
    newKey: () => crypto.randomUUID(),
    fetch: async (address, init) => {
      const headers = {
        ...(init?.headers as Record<string, string>),
        cookie,
        origin: server.address,
      };
      const response = await fetch(address, { ...init, headers });
      const set = response.headers.getSetCookie().map((each) => each.split(';')[0]);
      if (set.length > 0) cookie = set.join('; ');
      return response;
    },
  });
  await client.session.claimOwnerLink({
    body: {
      token: /owner#([\w-]+)/.exec(server.ownerLink)![1]!,
      name: '王小明',
      email: 'owner@example.com',
      password: 'a long sentence',
    },
  });
  await client.organisations.create({
    body: {
      name: '星河影业',
      nameEnglish: null,
      kind: 'producer',
      creditCode: null,
    },
  });
  return (await client.session.createApiKey({ body: { name: 'journey', expiresInDays: 1 } })).key;
}
