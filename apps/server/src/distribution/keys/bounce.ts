/** What a returned mail says: which of ours, and why. */
export type Bounce = { readonly messageId: string; readonly answer: string };

const ANSWER_CHARACTERS = 300;

/**
 * Reads a delivery status notification (RFC 3464): a failed recipient, and the id of the mail that
 * came back with it. A delay is no failure; anything else gives nothing.
 */
export function readBounce(text: string): Bounce | undefined {
  // Folded header lines are one line (RFC 5322 2.2.3).
  const lines = text
    .replace(/\r\n/g, '\n')
    .replace(/\n[ \t]+/g, ' ')
    .split('\n');
  const start = lines.findIndex((line) => /^content-type:\s*message\/delivery-status/i.test(line));
  if (start < 0) return undefined;
  const status = lines.slice(start);
  const field = (name: string) => {
    const found = status.find((line) => line.toLowerCase().startsWith(`${name}:`));
    return found === undefined ? undefined : found.slice(name.length + 1).trim();
  };
  if (field('action')?.toLowerCase() !== 'failed') return undefined;
  // The id of the notification itself stands before the report, that of our mail behind it.
  const messageId = /<[^<>\s]{1,300}>/.exec(field('message-id') ?? '')?.[0];
  if (messageId === undefined) return undefined;
  const said = [field('status'), field('diagnostic-code')?.replace(/^[\w-]+;\s*/, '')];
  const answer = said
    .filter((each) => each !== undefined)
    .join(' ')
    .slice(0, ANSWER_CHARACTERS);
  return { messageId, answer };
}
