import {
  type Fen,
  filmCodeKey,
  finding,
  type Finding,
  parseCinemaCode,
  parseFilmCode,
  type Ratio,
} from '@yinglian/core';
import {
  type Cell,
  type CellFault,
  cellText,
  lostDigits,
  readCount,
  readDate,
  readMoney,
  readRate,
  readTime,
} from './cells.ts';

/** How detailed the rows of a delivery are. */
export type Level = 'ticket' | 'screening' | 'day' | 'month';
/** All levels, from the finest to the coarsest. */
export const LEVELS: readonly Level[] = ['ticket', 'screening', 'day', 'month'];

/** Who owns the projector: 自购 or 租赁; it decides the money's route. */
export type Equipment = 'owned' | 'leased';

type KindValues = {
  text: string;
  code: string;
  film_code: string;
  cinema_code: string;
  count: number;
  money: Fen;
  rate: Ratio;
  date: string;
  time: string;
  equipment: Equipment;
  operation: Operation;
};
/** The kinds of values that fields have. */
export type FieldKind = keyof KindValues;

/** What a ticket row did. A late entry (补登) is a sale known late. */
export type Operation = 'sale' | 'refund' | 'late_entry';

type Field = { readonly kind: FieldKind; readonly synonyms: readonly string[] };
const field = <Kind extends FieldKind>(kind: Kind, ...synonyms: string[]) =>
  Object.freeze({ kind, synonyms }) satisfies Field;

/**
 * Every field of every level, with the headings under which senders write it. The first heading is
 * the one this package writes. Headings compare without spaces, case, brackets and their content.
 */
export const FIELDS = Object.freeze({
  rowNumber: field('count', '序号', '编号', 'no', 'row'),
  cinemaName: field('text', '影院名称', '影院', '影城名称', '影城', 'cinemaname'),
  cinemaCode: field(
    'cinema_code',
    '影院编码',
    '影院代码',
    '影院专资编码',
    '专资编码',
    'cinemacode',
    'cinema',
  ),
  filmName: field('text', '影片名称', '影片', '片名', 'filmname', 'title'),
  filmCode: field('film_code', '影片编码', '影片代码', '排次号', '影片排次号', 'filmcode', 'film'),
  equipment: field('equipment', '设备归属', '设备', '设备类型', 'equipment'),
  from: field('date', '开始日期', '起始日期', '开始时间', 'from'),
  to: field('date', '结束日期', '截止日期', '结束时间', 'to'),
  date: field('date', '放映日期', '日期', '营业日期', '业务日期', 'businessdate', 'date'),
  start: field('time', '放映时间', '开场时间', '场次时间', 'starttime', 'start'),
  hall: field('text', '影厅', '影厅名称', '影厅号', '厅号', '影厅编码', 'hall', 'screen'),
  screeningId: field('code', '场次编码', '场次编号', '场次号', 'screeningid', 'sid'),
  screenings: field('count', '总场次', '场次', '放映场次', '场次数', 'screenings'),
  admissions: field('count', '总人次', '人次', '观影人次', '票数', '张数', 'admissions', 'tickets'),
  grossFen: field(
    'money',
    '总票房',
    '票房',
    '票房收入',
    '分账票房',
    '放映收入',
    'gross',
    'grossfen',
  ),
  serviceFeeFen: field(
    'money',
    '服务费',
    '网络代售费',
    '代售服务费',
    'servicefee',
    'servicefeefen',
  ),
  fundFen: field('money', '电影专项基金', '专项基金', '专资', '电影专资', 'filmfund', 'fundfen'),
  vatRate: field('rate', '增值税率', '税率', 'vatrate'),
  taxFen: field('money', '税金', '增值税', '税额', 'tax', 'taxfen'),
  netFen: field('money', '净票房', '可分账票房', 'net', 'netfen'),
  shareRate: field('rate', '分账比例', '分成比例', 'sharerate'),
  shareFen: field('money', '分账片款', '片款', '分账金额', 'share', 'sharefen'),
  circuit: field('text', '院线', '院线名称', '所属院线', 'circuit'),
  province: field('text', '省份', '省', '省市', 'province'),
  channel: field('text', '渠道', '销售渠道', '购票渠道', 'channel'),
  seats: field('count', '座位数', '座位', 'seats'),
  ticketId: field('code', '票号', '电影票编码', '影票编码', 'ticketid', 'ticketno'),
  ticketType: field('text', '票类', '票类型', '票种', 'tickettype'),
  priceFen: field('money', '票价', '单价', '实际票价', 'price', 'pricefen'),
  operation: field('operation', '操作类型', '业务类型', '交易类型', 'operation'),
  issuedOn: field('date', '出票日期', '售票日期', 'issuedon'),
  issuedAt: field('time', '出票时间', '售票时间', 'issuedat'),
});
/** The names of all fields. */
export type FieldName = keyof typeof FIELDS;
/** The names of all fields, in the order of the table. */
export const FIELD_NAMES = Object.keys(FIELDS) as readonly FieldName[];

/** The fields of one record, each with a value of its kind. */
export type FieldValues = {
  readonly [Name in FieldName]?: KindValues[(typeof FIELDS)[Name]['kind']];
};

/** Without these a row of the level means nothing; each inner list needs one of its fields. */
export const REQUIRED: Readonly<Record<Level, readonly (readonly FieldName[])[]>> = Object.freeze({
  ticket: [['date'], ['cinemaCode'], ['filmCode'], ['ticketId'], ['priceFen', 'grossFen']],
  screening: [
    ['date'],
    ['cinemaCode'],
    ['filmCode'],
    ['hall', 'screeningId'],
    ['admissions'],
    ['grossFen'],
  ],
  day: [['date'], ['cinemaCode'], ['filmCode'], ['screenings'], ['admissions'], ['grossFen']],
  month: [
    ['cinemaCode'],
    ['filmCode'],
    ['from'],
    ['to'],
    ['screenings'],
    ['admissions'],
    ['grossFen'],
  ],
});

/** What a bare number in a column of money counts. */
export type MoneyUnit = 'yuan' | 'fen';
/** Whether 0.05 or 5 in a column of rates means five percent. */
export type RateUnit = 'fraction' | 'percent';
/** The units of a sheet’s numbers. */
export type CellUnits = { readonly money: MoneyUnit; readonly rate: RateUnit };

/** What a cell gives for its field: a value or a fault, and what was odd. */
export type FieldReading = {
  readonly value?: KindValues[FieldKind];
  readonly fault?: string;
  readonly warnings: readonly Finding[];
};

const EQUIPMENT: Readonly<Record<string, Equipment>> = {
  自购: 'owned',
  自有: 'owned',
  owned: 'owned',
  租赁: 'leased',
  中数: 'leased',
  leased: 'leased',
};
const OPERATIONS: Readonly<Record<string, Operation>> = {
  售票: 'sale',
  出票: 'sale',
  销售: 'sale',
  sale: 'sale',
  退票: 'refund',
  refund: 'refund',
  补登: 'late_entry',
  late_entry: 'late_entry',
};

/** One cell as its field. An empty cell gives neither value nor fault. */
export function readField(name: FieldName, cell: Cell, units: CellUnits): FieldReading {
  const text = cellText(cell);
  if (text === '') return { warnings: [] };
  switch (FIELDS[name].kind) {
    case 'money':
      return plainReading(readMoney(cell, units.money));
    case 'count':
      return plainReading(readCount(cell));
    case 'rate':
      return plainReading(readRate(cell, units.rate));
    case 'date':
      return plainReading(readDate(cell));
    case 'time':
      return plainReading(readTime(cell));
    case 'film_code':
      return readFilmCode(text);
    case 'cinema_code':
      return coded(parseCinemaCode(text), 'invalid_cinema_code', (code) => code);
    case 'equipment':
      return chosen(EQUIPMENT, text, 'unknown_equipment');
    case 'operation':
      return chosen(OPERATIONS, text, 'unknown_operation');
    case 'code':
      return lostDigits(cell)
        ? { value: text, warnings: [finding('lost_digits', 'warning', { facts: { text } })] }
        : { value: text, warnings: [] };
    default:
      return { value: text, warnings: [] };
  }
}

function plainReading(result: { value: KindValues[FieldKind] } | CellFault): FieldReading {
  return 'fault' in result
    ? { fault: result.fault, warnings: [] }
    : { value: result.value, warnings: [] };
}

const FILM_CODE_LENGTH = 12;
/** A workbook that took a code for a number dropped its leading zeros: 001… lost two, 01… one. */
const SHORTENED_FILM_CODE = /^\d{10,11}$/;

function readFilmCode(text: string): FieldReading {
  if (!SHORTENED_FILM_CODE.test(text)) {
    return coded(parseFilmCode(text), 'invalid_film_code', filmCodeKey);
  }
  const restored = text.padStart(FILM_CODE_LENGTH, '0');
  const reading = coded(parseFilmCode(restored), 'invalid_film_code', filmCodeKey);
  const note = finding('restored_leading_zeros', 'warning', { facts: { text, restored } });
  return { ...reading, warnings: [note, ...reading.warnings] };
}

function coded(
  parsed: ReturnType<typeof parseFilmCode> | ReturnType<typeof parseCinemaCode>,
  code: string,
  key: (text: string) => string,
): FieldReading {
  if (!parsed.ok) return { fault: code, warnings: [] };
  return { value: key(parsed.value.text), warnings: parsed.findings };
}

function chosen<Value extends string>(
  table: Readonly<Record<string, Value>>,
  text: string,
  code: string,
): FieldReading {
  const key = text.toLowerCase();
  if (!Object.hasOwn(table, key)) return { fault: code, warnings: [] };
  return { value: table[key]!, warnings: [] };
}
