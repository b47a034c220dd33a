/**
 * WebAuthn knows domains only; who runs the server on this machine opens it as `localhost`.
 * Undefined where browsers would refuse the server's address.
 */
export function passkeyPlace(publicUrl: string): { rpID: string; origins: string[] } | undefined {
  const { hostname, port, protocol, origin } = new URL(publicUrl);
  if (hostname === '127.0.0.1' || hostname === '[::1]') {
    const local = `${protocol}//localhost${port === '' ? '' : `:${port}`}`;
    return { rpID: 'localhost', origins: [local] };
  }
  if (/^[\d.]+$/.test(hostname) || hostname.startsWith('[')) return undefined;
  if (protocol !== 'https:' && hostname !== 'localhost' && !hostname.endsWith('.local')) {
    return undefined;
  }
  return { rpID: hostname, origins: [origin] };
}
