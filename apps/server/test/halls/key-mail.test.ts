import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unzipSync } from 'fflate';
import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from 'smtp-server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ringAlarms } from '../../src/distribution/keys/alarms.ts';
import { readBounce } from '../../src/distribution/keys/bounce.ts';
import { createTestServer, type TestPerson, type TestServer } from '../support/server.ts';
import { allDone, FILM_CODE, type KeyScene, setKeyScene, today } from './keys-support.ts';
import { problemOf, refusalCodes } from './support.ts';
import { addDays } from '@yinglian/core';

type Received = { readonly to: string; readonly secure: boolean; readonly text: string };

/** A real SMTP server that asks for STARTTLS and a password, and refuses whom it is told to. */
async function startSmtp(folder: string) {
  const key = join(folder, 'key.pem');
  const certificate = join(folder, 'certificate.pem');
  execFileSync(
    'openssl',
    [
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-days',
      '2',
      '-subj',
      '/CN=mail.test',
      '-addext',
      'subjectAltName=IP:127.0.0.1',
      '-keyout',
      key,
      '-out',
      certificate,
    ],
    { stdio: 'ignore' },
  );
  const received: Received[] = [];
  /** What to answer to a recipient, once for each entry. */
  const faults = new Map<string, number[]>();
  const server = new SMTPServer({
    key: readFileSync(key),
    cert: readFileSync(certificate),
    authMethods: ['PLAIN', 'LOGIN'],
    onAuth(auth, _session, done) {
      const right = auth.username === 'keys' && auth.password === 'mail password';
      if (right) done(null, { user: 'keys' });
      else done(new Error('535 no'));
    },
    onRcptTo(address, _session, done) {
      const code = faults.get(address.address)?.shift();
      if (code === undefined) return done();
      done(Object.assign(new Error(`${code} not now`), { responseCode: code }));
    },
    onData(stream: SMTPServerDataStream, session: SMTPServerSession, done) {
      const pieces: Buffer[] = [];
      stream.on('data', (piece: Buffer) => void pieces.push(piece));
      stream.on('end', () => {
        const text = Buffer.concat(pieces).toString('utf8');
        const to = session.envelope.rcptTo.map((each) => each.address).join();
        received.push({ to, secure: session.secure, text });
        done(null, 'queued as 1');
      });
    },
  });
  server.on('error', () => {});
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  return {
    received,
    faults,
    port: (server.server.address() as AddressInfo).port,
    certificate,
    close: () => new Promise<void>((resolve) => server.close(resolve)),
  };
}

/** The parts of a mail: its text, and the bytes of its first file. */
function partsOf(mail: string): { readonly text: string; readonly file: Uint8Array } {
  const boundary = /boundary="?([^";\r\n]+)/.exec(mail)![1]!;
  const parts = mail
    .split(`--${boundary}`)
    .slice(1, -1)
    .map((part) => {
      const [head = '', ...body] = part.split('\r\n\r\n');
      return { head, body: body.join('\r\n\r\n') };
    });
  const decode = ({ head, body }: { head: string; body: string }) =>
    /base64/i.test(head)
      ? Buffer.from(body.replace(/\s/g, ''), 'base64')
      : Buffer.from(
          body
            .replace(/=\r\n/g, '')
            .replace(/=([0-9A-F]{2})/g, (_, digits: string) =>
              String.fromCharCode(parseInt(digits, 16)),
            ),
          'latin1',
        );
  return { text: decode(parts[0]!).toString('utf8'), file: decode(parts[1]!) };
}

describe('keys by mail', () => {
  let folder: string;
  let smtp: Awaited<ReturnType<typeof startSmtp>>;
  let server: TestServer;
  let scene: KeyScene;
  let distributor: TestPerson;
  let circuit: TestPerson;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'yinglian-mail-'));
    smtp = await startSmtp(folder);
    server = await createTestServer({
      environment: {
        YINGLIAN_SMTP_URL: `smtp://127.0.0.1:${smtp.port}`,
        YINGLIAN_SMTP_USER: 'keys',
        YINGLIAN_SMTP_PASSWORD: 'mail password',
        YINGLIAN_SMTP_FROM: '影联 <keys@network.test>',
        YINGLIAN_SMTP_AUTHORITY_FILE: smtp.certificate,
        YINGLIAN_SMTP_RETRY_SECONDS: '0,0',
      },
    });
    scene = await setKeyScene(server);
    ({ distributor, circuit } = scene);
    const made = await distributor.client.keys.issueNeeded({ body: {} });
    await allDone(distributor, made.jobIds);
  });
  afterAll(async () => {
    await server.close();
    await smtp.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const mails = async () => (await distributor.client.keys.mails({ query: {} })).rows;
  const settled = async () => {
    for (;;) {
      const rows = await mails();
      if (rows.every((each) => each.state !== 'waiting')) return rows;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  const of = (address: string) =>
    mails().then((rows) => rows.find((each) => each.address === address)!);

  it('[HT14] mails each cinema its own keys over TLS, and tells what became of it', async () => {
    smtp.faults.set('keys1@cinema.test', [451]);
    smtp.faults.set('keys2@cinema.test', [550]);
    const sent = await distributor.client.keys.send({
      body: { packageId: scene.packageId, language: 'en' },
    });
    expect(sent).toEqual({ mails: 2, withoutAddress: [] });
    await settled();
    // A server that is busy is asked again, one that knows nobody of that name is not.
    expect(await of('keys1@cinema.test')).toMatchObject({
      state: 'accepted',
      attempts: 2,
      answer: expect.stringContaining('queued'),
    });
    expect(await of('keys2@cinema.test')).toMatchObject({
      state: 'refused',
      attempts: 1,
      answer: expect.stringContaining('550'),
    });
    expect(smtp.received.map((each) => [each.to, each.secure])).toEqual([
      ['keys1@cinema.test', true],
    ]);
    const { text, file } = partsOf(smtp.received[0]!.text);
    expect(text).toContain('星光影城,');
    expect(text).toContain('Attached are the keys (KDM) for 长夜');
    expect(text).toContain('Contact: 远山发行');
    const files = unzipSync(file);
    expect(Object.keys(files)).toHaveLength(1);
    expect(new TextDecoder().decode(Object.values(files)[0])).toContain('DCinemaSecurityMessage');
    const { screens } = scene.cinemas[0]!;
    const query = { screenId: screens[0]!.id };
    const [key] = (await distributor.client.distribution.keys({ query })).rows;
    expect(key!.receipt).toBe('accepted');
    const { rows } = await distributor.client.keys.receipts({ params: { id: key!.id } });
    expect(rows).toMatchObject([{ way: 'mail', state: 'accepted' }]);
    expect((await circuit.client.keys.mails({ query: {} })).rows).toEqual([]);
    expect(server.logLines.join('\n')).not.toContain('mail password');
  });

  it('[HT15] learns from a returned mail that a key did not arrive', async () => {
    const messageId = /^Message-ID: (<[^>]+>)/im.exec(smtp.received[0]!.text)![1]!;
    const notice = [
      'From: MAILER-DAEMON@mail.test',
      'Message-ID: <bounce@mail.test>',
      'Content-Type: multipart/report; report-type=delivery-status; boundary="b"',
      '',
      '--b',
      'Content-Type: text/plain',
      '',
      'Sorry.',
      '--b',
      'Content-Type: message/delivery-status',
      '',
      'Reporting-MTA: dns; mail.test',
      '',
      'Final-Recipient: rfc822; keys1@cinema.test',
      'Action: failed',
      'Status: 5.2.2',
      'Diagnostic-Code: smtp; 552 mailbox',
      '  is full',
      '--b',
      'Content-Type: text/rfc822-headers',
      '',
      `Message-ID: ${messageId}`,
      'Subject: k',
      '--b--',
    ].join('\r\n');
    expect(readBounce(notice)).toEqual({ messageId, answer: '5.2.2 552 mailbox is full' });
    expect(readBounce(notice.replace('failed', 'delayed'))).toBeUndefined();
    expect(readBounce('From: somebody\r\n\r\nhello')).toBeUndefined();
    const owner = await server.owner();
    const bounce = (text: string) =>
      owner.client.keys.bounce({ bytes: new TextEncoder().encode(text) });
    expect(await bounce(notice)).toEqual({ bounced: 1 });
    expect(await bounce(notice)).toEqual({ bounced: 0 });
    expect(await refusalCodes(bounce('no notice'))).toEqual(['unknown_bounce']);
    expect(await of('keys1@cinema.test')).toMatchObject({ state: 'bounced' });
    const foreign = distributor.client.keys.bounce({ bytes: new Uint8Array(3) });
    expect((await problemOf(foreign)).code).toBe('not_allowed');
  });

  it('[HT16] rings once for a show that will not start, in the houses it concerns', async () => {
    const policy = await distributor.client.keys.policy();
    await distributor.client.keys.setPolicy({
      body: { ...policy, alarmHours: 48, alarmEmails: ['desk@yuanshan.test'], language: 'en' },
    });
    const start = `${addDays(today, 1)}T19:30`;
    await circuit.client.shows.programme({
      params: { id: scene.cinemas[0]!.id },
      body: {
        from: today,
        to: addDays(today, 3),
        shows: [{ screen: '2', filmCode: FILM_CODE, start, minutes: 120 }],
      },
    });
    const { kernel } = server.network.running;
    const parts = {
      ...kernel,
      alarmJob: (await import('../../src/distribution/keys/alarms.ts')).alarmJob(kernel),
    };
    smtp.received.length = 0;
    expect(await ringAlarms(parts)).toBe(1);
    expect(await ringAlarms(parts)).toBe(0);
    await arrived(1);
    expect(smtp.received[0]).toMatchObject({ to: 'desk@yuanshan.test' });
    const text = plainText(smtp.received[0]!.text);
    expect(text).toContain('星光影城 2');
    expect(text).toContain('There is no key');
  });

  it('[HT17] brings a call for help to the film’s desk, and its answer to the board', async () => {
    smtp.received.length = 0;
    const board = async () => (await circuit.client.shows.board({ query: {} })).rows[0]!;
    await circuit.client.shows.help({
      params: { id: (await board()).id },
      body: { note: '服务器换过了' },
    });
    await arrived(1);
    expect(plainText(smtp.received[0]!.text)).toContain('服务器换过了');
    const desk = distributor.client.help;
    const open = (await desk.list({ query: { open: 'true' } })).rows;
    expect(open).toMatchObject([{ cinemaName: '星光影城', note: '服务器换过了', mine: true }]);
    const stranger = await server.newOrganisation('distributor', '别家发行');
    expect((await stranger.client.help.list({ query: {} })).rows).toEqual([]);
    const params = { id: open[0]!.id };
    const body = { answer: '密钥已重新签发' };
    const foreign = stranger.client.help.answer({ params, body });
    expect((await problemOf(foreign)).code).toBe('not_found');
    const own = circuit.client.help.answer({ params, body });
    expect((await problemOf(own)).code).toBe('not_allowed');
    expect(await desk.answer({ params, body })).toMatchObject({ mine: false, answer: body.answer });
    expect(await refusalCodes(desk.answer({ params, body }))).toEqual(['answered_help']);
    expect((await board()).helpAnswer).toBe('密钥已重新签发');
    expect((await circuit.client.help.list({ query: {} })).rows).toHaveLength(1);
  });

  async function arrived(count: number): Promise<void> {
    while (smtp.received.length < count) await new Promise((resolve) => setTimeout(resolve, 50));
  }
});

function plainText(mail: string): string {
  const [head = '', ...rest] = mail.split('\r\n\r\n');
  const body = rest.join('\r\n\r\n');
  if (/base64/i.test(head)) return Buffer.from(body, 'base64').toString('utf8');
  const bytes = body
    .replace(/=\r\n/g, '')
    .replace(/=([0-9A-F]{2})/g, (_, digits: string) => String.fromCharCode(parseInt(digits, 16)));
  return Buffer.from(bytes, 'latin1').toString('utf8');
}
