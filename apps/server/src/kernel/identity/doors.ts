import { passkey } from '@better-auth/passkey';
import { sso } from '@better-auth/sso';
import { betterAuth } from 'better-auth';
import type { IdentityOptions } from './face.ts';
import { heardDatabase, type HeardDatabase } from './heard.ts';
import { authOptions } from './library.ts';

/** The options with every plugin, so that a test can compare our migration with the library. */
export function doorOptions(options: IdentityOptions, database: HeardDatabase['database']) {
  const shared = authOptions(options, database);
  return {
    ...shared,
    plugins: [
      ...shared.plugins,
      passkey({ rpName: 'Yinglian 影联' }),
      sso({ disableImplicitSignUp: true }),
    ],
  };
}

/** Passkeys and single sign-on, loaded by whoever knocks first. */
export function openDoors(options: IdentityOptions): (request: Request) => Promise<Response> {
  const { ask, database } = heardDatabase(options.pool);
  const auth = betterAuth(doorOptions(options, database));
  return (request) => ask(() => auth.handler(request));
}
