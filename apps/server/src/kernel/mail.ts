import { rootCertificates } from 'node:tls';
import { createTransport } from 'nodemailer';
import type { MailSettings } from './keeper-settings.ts';

/** A mail in plain text, with files. */
export type Mail = {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  /** `<id@host>`: the same for every attempt, so that a mail sent twice shows as one. */
  readonly messageId: string;
  readonly files?: readonly {
    readonly name: string;
    readonly mediaType: string;
    readonly bytes: Uint8Array;
  }[];
};

/** `refused` is for good (5xx), `later` may go well another time. */
export type MailAnswer = {
  readonly outcome: 'accepted' | 'refused' | 'later';
  /** What the server said, one line. */
  readonly answer: string;
};

/** Sends mail through the network's own server. */
export type Mailer = {
  /** What stands behind the @ of our message ids. */
  readonly domain: string;
  /** Seconds before each further attempt. */
  readonly retrySeconds: readonly number[];
  send(mail: Mail): Promise<MailAnswer>;
  close(): void;
};

const CONNECT_WITHIN_MS = 15_000;
const SILENT_AT_MOST_MS = 60_000;
const CONNECTIONS_MAX = 2;
const MINUTE_MS = 60_000;
const ANSWER_CHARACTERS = 300;

/** Opens no connection before the first mail; undefined settings give no mailer. */
export function openMailer(settings: MailSettings | undefined): Mailer | undefined {
  if (settings === undefined) return undefined;
  const { host, port, security, user, password, authority } = settings;
  const transport = createTransport({
    pool: true,
    maxConnections: CONNECTIONS_MAX,
    rateDelta: MINUTE_MS,
    rateLimit: settings.perMinute,
    host,
    port,
    secure: security === 'tls',
    // Without STARTTLS nothing is sent: keys and passwords do not go in clear.
    requireTLS: security === 'starttls',
    ignoreTLS: security === 'plain',
    tls: {
      minVersion: 'TLSv1.2',
      ...(authority === undefined ? {} : { ca: [...rootCertificates, authority] }),
    },
    ...(user === undefined ? {} : { auth: { user, pass: password ?? '' } }),
    connectionTimeout: CONNECT_WITHIN_MS,
    greetingTimeout: CONNECT_WITHIN_MS,
    socketTimeout: SILENT_AT_MOST_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return {
    domain: /@([^\s>]+)/.exec(settings.from)?.[1] ?? host,
    retrySeconds: settings.retrySeconds,
    async send(mail) {
      try {
        const sent = await transport.sendMail({
          from: settings.from,
          to: mail.to,
          subject: mail.subject,
          text: mail.text,
          messageId: mail.messageId,
          attachments: (mail.files ?? []).map(({ name, mediaType, bytes }) => ({
            filename: name,
            contentType: mediaType,
            content: Buffer.from(bytes),
          })),
        });
        return { outcome: 'accepted', answer: oneLine(sent.response) };
      } catch (thrown) {
        return answerOf(thrown);
      }
    },
    close: () => transport.close(),
  };
}

/** A refused sign-in is our own fault and may be mended; only a refused mail is over. */
function answerOf(thrown: unknown): MailAnswer {
  const fault = thrown as { responseCode?: number; response?: string; code?: string };
  const said = oneLine(fault.response ?? fault.code ?? 'no answer');
  const final = (fault.responseCode ?? 0) >= 500 && fault.code !== 'EAUTH';
  return { outcome: final ? 'refused' : 'later', answer: said };
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim().slice(0, ANSWER_CHARACTERS);
}
