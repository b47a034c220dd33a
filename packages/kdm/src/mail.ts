import type { Locale } from '@yinglian/core';
import { formatKdmTime } from './block.ts';
import type { KdmWindow } from './model.ts';
import { kdmMailSubject } from './naming.ts';

/** What the mail that brings keys tells its reader. */
export type KdmMail = {
  readonly film: string;
  /** Empty where nobody knows it: the mail then begins without a greeting. */
  readonly cinema: string;
  readonly screens: readonly { readonly name: string; readonly fileName: string }[];
  readonly window: KdmWindow;
  /** IANA name of the cinema's time zone; shown beside the times. */
  readonly timeZone: string;
  /** Name of the ZIP in the mail, which becomes the subject. */
  readonly zipName: string;
  /** Who to ask; a line of its own at the end. */
  readonly contact?: string;
};

const WORDS = {
  'zh-CN': {
    greeting: (cinema: string) => `${cinema}：`,
    opening: (film: string) => `附件是《${film}》的放映密钥（KDM）。`,
    opens: '生效',
    closes: '失效',
    zone: '影院当地时间',
    screens: '影厅与文件',
    advice: '请在放映前导入并核对：片名、影厅和有效期。密钥只能在所列设备上使用。',
    contact: '联系',
  },
  en: {
    greeting: (cinema: string) => `${cinema},`,
    opening: (film: string) => `Attached are the keys (KDM) for ${film}.`,
    opens: 'Opens',
    closes: 'Closes',
    zone: 'local time of the cinema',
    screens: 'Screens and files',
    advice:
      'Please load them before the show and compare title, screen and window. ' +
      'A key works on its own device only.',
    contact: 'Contact',
  },
} as const;

/** A line break in a name would let it write lines of its own into the mail. */
function oneLine(text: string): string {
  // eslint-disable-next-line no-control-regex
  return text.replace(/[\u0000-\u001f\u007f\u2028\u2029]+/g, ' ').trim();
}

/** Subject and text of the mail, plain text. Times are those of the cinema, with their offset. */
export function kdmMail(mail: KdmMail, locale: Locale): { subject: string; text: string } {
  const words = WORDS[locale];
  const time = (end: KdmWindow['notBefore']) => formatKdmTime(end).replace('T', ' ');
  const { notBefore, notAfter } = mail.window;
  const lines = [
    ...(oneLine(mail.cinema) === '' ? [] : [words.greeting(oneLine(mail.cinema)), '']),
    words.opening(oneLine(mail.film)),
    '',
    `${words.opens}: ${time(notBefore)}`,
    `${words.closes}: ${time(notAfter)}`,
    `(${words.zone}, ${oneLine(mail.timeZone)})`,
    '',
    `${words.screens}:`,
    ...mail.screens.map(({ name, fileName }) => `  ${oneLine(name)}  ${oneLine(fileName)}`),
    '',
    words.advice,
    ...(mail.contact === undefined ? [] : ['', `${words.contact}: ${oneLine(mail.contact)}`]),
    '',
  ];
  return { subject: oneLine(kdmMailSubject(mail.zipName)), text: lines.join('\n') };
}
