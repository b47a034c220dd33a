import {
  type Delimiter,
  type Delivery,
  isFeed,
  type Mapping,
  readCsvDelivery,
  readDelivery,
  readFeedDelivery,
  type TextEncoding,
} from '@yinglian/boxoffice';
import { mappingSchema } from '@yinglian/contract';
import type { Outcome } from '@yinglian/core';
import { looksLikeWorkbook, readWorkbook } from '@yinglian/host';
import { CommandFault, EXIT } from '../kernel/exit-codes.ts';
import { readGiven, readJson } from '../kernel/files.ts';
import { isParquet, readParquet } from '../kernel/parquet.ts';
import type { Terminal } from '../kernel/terminal.ts';

/** What a sender's files are, where finding out is not enough. */
export type BoxOfficeReading = {
  readonly mapping?: Mapping;
  readonly encoding?: TextEncoding;
  readonly delimiter?: Delimiter;
};

/** A box-office file of any kind, with rows that are not understood set aside. */
export async function readBoxOffice(
  path: string,
  { mapping, ...text }: BoxOfficeReading = {},
): Promise<Outcome<Delivery>> {
  const options = { policy: 'quarantine' as const, ...(mapping === undefined ? {} : { mapping }) };
  if (await isParquet(path)) {
    const sheet = await readParquet(path);
    return sheet.ok ? readDelivery(sheet.value, options) : sheet;
  }
  const bytes = await readGiven(path);
  if (isFeed(bytes)) return readFeedDelivery(bytes);
  if (!looksLikeWorkbook(bytes)) return readCsvDelivery(bytes, { ...options, ...text });
  const workbook = await readWorkbook(bytes);
  return workbook.ok ? readDelivery(workbook.value, options) : workbook;
}

/** The options of a command that reads one sender's file. */
export type ReadCommand = {
  readonly mapping?: string;
  readonly encoding?: string;
  readonly delimiter?: string;
};

const ENCODINGS: readonly TextEncoding[] = ['utf-8', 'utf-16le', 'utf-16be', 'gb18030'];
const DELIMITERS: readonly Delimiter[] = [',', '\t', ';', '|'];

/** What the options say of the file; a fault of them ends the command. */
export async function readingOf(
  terminal: Terminal,
  options: ReadCommand,
): Promise<BoxOfficeReading> {
  const encoding = chosen(terminal, options.encoding, ENCODINGS);
  const tab = options.delimiter === 'tab' || options.delimiter === '\\t';
  const delimiter = chosen(terminal, tab ? '\t' : options.delimiter, DELIMITERS);
  const found = { ...(encoding && { encoding }), ...(delimiter && { delimiter }) };
  if (options.mapping === undefined) return found;
  const mapping = mappingSchema.safeParse(await readJson(options.mapping));
  if (mapping.success) return { ...found, mapping: mapping.data as Mapping };
  const path = mapping.error.issues[0]!.path.map(String).join('.');
  throw new CommandFault(
    terminal.words(`列对应文件有误（${path}）`, `the mapping is faulty at “${path}”`),
    EXIT.misused,
  );
}

function chosen<Value extends string>(
  terminal: Terminal,
  text: string | undefined,
  allowed: readonly Value[],
): Value | undefined {
  const found = allowed.find((each) => each === text);
  if (text === undefined || found !== undefined) return found;
  const list = allowed.map((each) => (each === '\t' ? 'tab' : each)).join(' ');
  throw new CommandFault(
    terminal.words(`“${text}”不在 ${list} 之中`, `“${text}” is none of ${list}`),
    EXIT.misused,
  );
}
