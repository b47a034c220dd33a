import { concatBytes, encodeUtf8, type Locale } from '@yinglian/core';
import type { VerificationReport } from '../verify/report.ts';
import { reportContent, type ReportContent, type ReportExtras } from './content.ts';
import type { ReportPicture } from './preview.ts';

/** A4 in points. */
const PAGE = { width: 595, height: 842, margin: 48 } as const;
const COLOURS = {
  ink: '0.1 0.1 0.1',
  soft: '0.4 0.4 0.4',
  error: '0.7 0.15 0.12',
  warning: '0.54 0.35 0',
  good: '0.1 0.5 0.22',
} as const;
type Colour = keyof typeof COLOURS;

/**
 * A report as PDF 1.7 in one language. Latin letters are Helvetica and Chinese ones STSong-Light,
 * two fonts that every reader has or replaces, so that the file stays small and its text can be
 * searched and copied.
 */
export function reportPdf(
  report: VerificationReport,
  extras: ReportExtras,
  locale: Locale = 'zh-CN',
): Uint8Array {
  const content = reportContent(report, extras, locale);
  const pages = layOut(content, extras);
  return writePdf(pages, `${extras.subject} – ${content.title}`);
}

/** A4 across in points, for tables of many columns. */
const ACROSS = { width: 842, height: 595, margin: 32 } as const;
type PageSize = typeof PAGE | typeof ACROSS;

/** One page being filled: operators, and the pictures it shows. */
type Page = { readonly lines: string[]; readonly pictures: ReportPicture[] };

class Layout {
  readonly pages: Page[] = [];
  readonly size: PageSize;
  #y = 0;

  constructor(size: PageSize = PAGE) {
    this.size = size;
    this.#turn();
  }

  get #inner(): number {
    return this.size.width - 2 * this.size.margin;
  }

  #turn(): void {
    this.pages.push({ lines: [], pictures: [] });
    this.#y = this.size.height - this.size.margin;
  }

  /** Moves down, on to a new page where there is no room. */
  room(points: number): void {
    if (this.#y - points < this.size.margin) this.#turn();
  }

  space(points: number): void {
    this.#y -= points;
  }

  text(text: string, size: number, colour: Colour = 'ink', indent = 0): void {
    for (const line of wrapped(text, size, this.#inner - indent)) {
      this.room(size * LEADING);
      this.#y -= size * LEADING;
      const x = this.size.margin + indent;
      this.pages.at(-1)!.lines.push(textLine(line, size, x, this.#y, colour));
    }
  }

  /** Bars one under the other, each of a part of the line's width, beside its words. */
  bars(bars: readonly PdfBar[]): void {
    const whole = this.#inner - BAR.words;
    for (const { words, parts } of bars) {
      const height = Math.max(1, parts.length) * BAR.height;
      this.room(height + BAR.height);
      const top = this.#y - BAR.height;
      const { lines } = this.pages.at(-1)!;
      lines.push(textLine(clipped(words, 8, BAR.words - 8), 8, this.size.margin, top + 1, 'ink'));
      for (const [index, part] of parts.entries()) {
        const y = top - index * BAR.height;
        const width = Math.max(0, Math.min(1, part)) * whole;
        lines.push(
          `${BAR.colours[index % BAR.colours.length]} rg ${point(this.size.margin + BAR.words)} ` +
            `${point(y)} ${point(width)} ${point(BAR.height - 2)} re f`,
        );
      }
      this.#y -= height + 4;
    }
  }

  /** Columns of lines side by side, each of the same width. */
  beside(columns: readonly (readonly string[])[], size: number): void {
    const width = this.#inner / Math.max(1, columns.length);
    const cells = columns.map((lines) =>
      lines.flatMap((line) => wrapped(line, size, width - CELL_GAP)),
    );
    const height = Math.max(0, ...cells.map((each) => each.length)) * size * LEADING;
    this.room(height);
    this.#cells(
      cells.map((lines, index) => ({ lines, x: this.size.margin + index * width })),
      size,
    );
    this.#y -= height;
  }

  /** A table whose head stands again on every page; a row is never broken. */
  table(table: PdfTable): void {
    const room = this.#inner;
    const { size, widths } = fitted(table, room);
    const heads = table.columns.map((each) => each.heading);
    this.#row({ cells: heads, columns: table.columns, widths, size, shade: true });
    const all = [
      ...table.rows.map((cells) => ({ cells, shade: false })),
      ...(table.totals === undefined ? [] : [{ cells: table.totals, shade: true }]),
    ];
    for (const { cells, shade } of all) {
      const row = { cells, columns: table.columns, widths, size, shade };
      if (this.#y - heightOf(row) < this.size.margin + FOOT) {
        this.#turn();
        this.#row({ cells: heads, columns: table.columns, widths, size, shade: true });
      }
      this.#row(row);
    }
  }

  #row(row: TableRow): void {
    const { cells, columns, widths, size, shade } = row;
    const height = heightOf(row);
    const { lines } = this.pages.at(-1)!;
    const { margin } = this.size;
    const bottom = this.#y - height;
    const box = `${point(margin)} ${point(bottom)} ${point(this.#inner)}`;
    if (shade) lines.push(`0.94 0.95 0.95 rg ${box} ${point(height)} re f`);
    lines.push(`0.75 0.75 0.75 rg ${box} 0.40 re f`);
    let x = margin;
    const placed = cells.map((cell, index) => {
      const whole = widths[index]!;
      const told = wrapped(cell, size, whole - CELL_GAP);
      const left = x + CELL_GAP / 2;
      x += whole;
      const figure = columns[index]!.figure === true;
      return { lines: told, x: left, ...(figure ? { right: x - CELL_GAP / 2 } : {}) };
    });
    this.#cells(placed, size);
    this.#y = bottom;
  }

  #cells(cells: readonly PlacedCell[], size: number): void {
    for (const { lines, x, right } of cells) {
      for (const [index, line] of lines.entries()) {
        const from = right === undefined ? x : right - lengthOf(line, size);
        const y = this.#y - (index + 1) * size * LEADING + size * 0.25;
        this.pages.at(-1)!.lines.push(textLine(line, size, from, y, 'ink'));
      }
    }
  }

  /** A line under every page, which knows how many there are. */
  foot(words: (page: number, pages: number) => string): void {
    for (const [index, { lines }] of this.pages.entries()) {
      const text = clipped(words(index + 1, this.pages.length), 8, this.size.width - 64);
      const x = (this.size.width - lengthOf(text, 8)) / 2;
      lines.push(textLine(text, 8, x, this.size.margin / 2, 'soft'));
    }
  }

  pictures(row: readonly ReportPicture[], width: number, height: number): void {
    this.room(height + 8);
    this.#y -= height + 4;
    const page = this.pages.at(-1)!;
    for (const [index, picture] of row.entries()) {
      const scale = Math.min(width / picture.width, height / picture.height);
      const [w, h] = [picture.width * scale, picture.height * scale];
      const x = this.size.margin + index * (width + 8);
      const name = `P${page.pictures.length}`;
      page.pictures.push(picture);
      page.lines.push(
        `q ${point(w)} 0 0 ${point(h)} ${point(x)} ${point(this.#y)} cm /${name} Do Q`,
      );
    }
    this.#y -= 4;
  }
}

const LEADING = 1.4;
/** Points between the texts of two cells, and what a page keeps free for its foot. */
const CELL_GAP = 6;
const FOOT = 10;
type PlacedCell = {
  readonly lines: readonly string[];
  readonly x: number;
  /** Where the lines end, of figures. */
  readonly right?: number;
};
type TableRow = {
  readonly cells: readonly string[];
  readonly columns: PdfTable['columns'];
  readonly widths: readonly number[];
  readonly size: number;
  readonly shade: boolean;
};

const lengthOf = (text: string, size: number) =>
  ([...text].reduce((sum, char) => sum + widthOf(char), 0) * size) / 1000;

function heightOf({ cells, widths, size }: TableRow): number {
  const lines = cells.map((cell, index) => wrapped(cell, size, widths[index]! - CELL_GAP).length);
  return Math.max(1, ...lines) * size * LEADING + 2;
}

/** Sizes of letters that a table is tried in, the largest first. */
const TABLE_SIZES = [8, 7.5, 7, 6.5, 6, 5.5, 5] as const;
/** The ems that a column of words keeps at least. */
const WORDS_EMS = 7;

/**
 * The largest letters in which every figure, code and date stays on one line; columns of words
 * share what is left and break.
 */
function fitted({ columns, rows, totals }: PdfTable, room: number) {
  const all = totals === undefined ? rows : [...rows, totals];
  const longest = columns.map(({ heading }, index) => {
    // A head breaks between its words, a Chinese one between any two pairs of letters.
    const words = heading.split(' ').map((word) => (isLatin(word[0] ?? ' ') ? word : '二字'));
    const least = Math.max(...words.map((word) => lengthOf(word, 1)));
    return all.reduce((most, row) => Math.max(most, lengthOf(row[index] ?? '', 1)), least);
  });
  // A little more than is needed: what is measured in sums is not broken for a rest of them.
  const wish = (size: number) => longest.map((ems) => ems * size + CELL_GAP + 0.1);
  const least = (size: number) =>
    wish(size).map((width, index) =>
      columns[index]!.words === true ? Math.min(width, WORDS_EMS * size + CELL_GAP) : width,
    );
  const total = (widths: readonly number[]) => widths.reduce((sum, each) => sum + each, 0);
  const size = TABLE_SIZES.find((each) => total(least(each)) <= room) ?? TABLE_SIZES.at(-1)!;
  const [narrow, wide] = [least(size), wish(size)];
  const spare = Math.max(0, room - total(narrow));
  const lacking = total(wide) - total(narrow);
  const given = lacking === 0 ? 0 : Math.min(1, spare / lacking);
  const grown = narrow.map((width, index) => width + (wide[index]! - width) * given);
  const rest = Math.max(0, room - total(grown)) / columns.length;
  return { size, widths: grown.map((width) => width + rest) };
}
const point = (value: number) => value.toFixed(2);

function layOut(content: ReportContent, extras: ReportExtras): readonly Page[] {
  const layout = new Layout();
  layout.text(content.title, 18);
  layout.space(4);
  layout.text(content.verdict.text, 13, content.verdict.good ? 'good' : 'error');
  layout.space(6);
  for (const [name, value] of content.facts) layout.text(`${name}: ${value}`, 9);
  const pictures = extras.pictures ?? [];
  const width = (PAGE.width - 2 * PAGE.margin - 16) / 3;
  if (pictures.length > 0) layout.space(8);
  for (let at = 0; at < pictures.length; at += 3) {
    layout.pictures(pictures.slice(at, at + 3), width, width * 0.56);
  }
  for (const { title, head, rows } of content.tables) {
    heading(layout, title);
    for (const row of rows) {
      layout.room(24);
      layout.text(row[0] ?? '', 9);
      const rest = row.slice(1).map((cell, index) => `${head[index + 1]}: ${cell}`);
      layout.text(rest.join('   '), 8, 'soft', 10);
    }
  }
  heading(layout, content.findingsTitle);
  if (content.findings.length === 0) layout.text('–', 9);
  for (const each of content.findings) {
    const colour: Colour =
      each.severity === 'error' ? 'error' : each.severity === 'warning' ? 'warning' : 'ink';
    const clause = each.clause === undefined ? '' : ` [${each.clause}]`;
    layout.room(36);
    layout.text(`${each.severityText}  ${each.text}${clause}`, 9, colour);
    layout.text(`${each.code}${each.place === '' ? '' : ` · ${each.place}`}`, 8, 'soft', 10);
    if (each.remedy !== undefined) layout.text(`→ ${each.remedy}`, 8, 'soft', 10);
    layout.space(3);
  }
  return layout.pages;
}

/** Points of a chart's bars, and the colours of a bar's parts. */
const BAR = { words: 150, height: 8, colours: ['0.05 0.4 0.4', '0.85 0.6 0.1'] } as const;

/** One bar of a chart, or several on one line of words; parts are from 0 to 1. */
export type PdfBar = { readonly words: string; readonly parts: readonly number[] };
/** What a plain document is made of, from top to bottom. */
export type PdfBlock =
  | { readonly heading: string }
  | { readonly text: string; readonly soft?: boolean }
  | { readonly bars: readonly PdfBar[] }
  /** Columns of lines side by side. */
  | { readonly beside: readonly (readonly string[])[] }
  | { readonly table: PdfTable }
  /** Points that stay free. */
  | { readonly space: number };

/** A table as texts: figures stand right, words may break, all else stays on one line. */
export type PdfTable = {
  readonly columns: readonly {
    readonly heading: string;
    readonly figure?: boolean;
    readonly words?: boolean;
  }[];
  readonly rows: readonly (readonly string[])[];
  readonly totals?: readonly string[];
};

/** How the pages of a document lie, and what stands under each. */
export type PdfPages = {
  readonly across?: boolean;
  readonly foot?: (page: number, pages: number) => string;
};

/** A plain document of headings, lines, tables and bar charts as PDF 1.7, as reports are. */
export function documentPdf(
  title: string,
  blocks: readonly PdfBlock[],
  { across = false, foot }: PdfPages = {},
): Uint8Array {
  const layout = new Layout(across ? ACROSS : PAGE);
  layout.text(title, 18);
  for (const block of blocks) {
    if ('heading' in block) heading(layout, block.heading);
    else if ('bars' in block) layout.bars(block.bars);
    else if ('beside' in block) layout.beside(block.beside, 9);
    else if ('table' in block) layout.table(block.table);
    else if ('space' in block) layout.space(block.space);
    else layout.text(block.text, 9, block.soft === true ? 'soft' : 'ink');
  }
  if (foot !== undefined) layout.foot(foot);
  return writePdf(layout.pages, title, layout.size);
}

/** The first of the lines that would be needed. */
function clipped(text: string, size: number, points: number): string {
  return wrapped(text, size, points)[0] ?? '';
}

function heading(layout: Layout, text: string): void {
  layout.space(10);
  layout.room(40);
  layout.text(text, 12);
  layout.space(2);
}

/** Widths of Helvetica from space to tilde, in thousandths (Adobe's metrics, core 14). */
const HELVETICA = [
  278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556,
  556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667,
  611, 778, 722, 278, 500, 667, 556, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667,
  667, 611, 278, 278, 278, 469, 556, 333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500,
  222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
] as const;

const isLatin = (char: string) => char >= ' ' && char <= '~';
const widthOf = (char: string) => (isLatin(char) ? HELVETICA[char.charCodeAt(0) - 32]! : 1000);

/** Lines that fit: broken at spaces, between Chinese characters, and where nothing else helps. */
function wrapped(text: string, size: number, points: number): string[] {
  const room = (points * 1000) / size;
  const lines: string[] = [];
  let line = '';
  let width = 0;
  let breakAt = -1;
  // Control characters have no shape; astral ones are not in the font's plane.
  // eslint-disable-next-line no-control-regex
  for (const char of text.replace(/[\u0000-\u001f\u007f]+/g, ' ')) {
    const wide = widthOf(char);
    if (width + wide > room && line !== '') {
      const at = breakAt > 0 ? breakAt : line.length;
      lines.push(line.slice(0, at).trimEnd());
      line = line.slice(at).trimStart();
      width = [...line].reduce((sum, each) => sum + widthOf(each), 0);
      breakAt = -1;
    }
    line += char;
    width += wide;
    if (char === ' ' || !isLatin(char)) breakAt = line.length;
  }
  if (line !== '' || lines.length === 0) lines.push(line);
  return lines;
}

/** Runs of one font each; Latin as bytes, the rest as UTF-16. */
function textLine(line: string, size: number, x: number, y: number, colour: Colour): string {
  const runs = [...line.matchAll(/[ -~]+|[^ -~]+/gu)].map(([run]) =>
    isLatin(run[0]!)
      ? `/F1 ${size} Tf (${run.replace(/[\\()]/g, '\\$&')}) Tj`
      : `/F2 ${size} Tf <${utf16(run)}> Tj`,
  );
  return `BT ${COLOURS[colour]} rg ${point(x)} ${point(y)} Td ${runs.join(' ')} ET`;
}

function utf16(text: string): string {
  let hex = '';
  for (let i = 0; i < text.length; i++) hex += text.charCodeAt(i).toString(16).padStart(4, '0');
  return hex;
}

/** ISO 32000-1: objects one after the other, a table of their places, a trailer. */
function writePdf(pages: readonly Page[], title: string, size: PageSize = PAGE): Uint8Array {
  const objects: Uint8Array[] = [];
  const add = (body: Uint8Array | string): number =>
    objects.push(typeof body === 'string' ? encodeUtf8(body) : body);
  const stream = (dictionary: string, data: Uint8Array) =>
    concatBytes(
      encodeUtf8(`<< ${dictionary} /Length ${data.length} >>\nstream\n`),
      data,
      encodeUtf8('\nendstream'),
    );
  const catalog = add('');
  const tree = add('');
  add('<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>');
  const descriptor = add(
    '<< /Type /FontDescriptor /FontName /STSong-Light /Flags 6 /FontBBox [-25 -254 1000 880] ' +
      '/ItalicAngle 0 /Ascent 880 /Descent -120 /CapHeight 880 /StemV 93 >>',
  );
  const descendant = add(
    '<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /DW 1000 ' +
      '/CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 4 >> ' +
      `/FontDescriptor ${descriptor} 0 R >>`,
  );
  add(
    '<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light-UniGB-UTF16-H ' +
      `/Encoding /UniGB-UTF16-H /DescendantFonts [${descendant} 0 R] >>`,
  );
  const [latin, chinese] = [3, 6];
  const kids: number[] = [];
  for (const page of pages) {
    const images = page.pictures.map((each) =>
      add(
        stream(
          `/Type /XObject /Subtype /Image /Width ${each.width} /Height ${each.height} ` +
            '/ColorSpace /DeviceRGB /BitsPerComponent 8',
          each.rgb,
        ),
      ),
    );
    const content = add(stream('', encodeUtf8(page.lines.join('\n'))));
    const shown = images.map((id, index) => `/P${index} ${id} 0 R`).join(' ');
    kids.push(
      add(
        `<< /Type /Page /Parent ${tree} 0 R /MediaBox [0 0 ${size.width} ${size.height}] ` +
          `/Resources << /Font << /F1 ${latin} 0 R /F2 ${chinese} 0 R >> ` +
          `/XObject << ${shown} >> >> /Contents ${content} 0 R >>`,
      ),
    );
  }
  const info = add(`<< /Title <feff${utf16(title)}> /Producer (Yinglian) >>`);
  objects[catalog - 1] = encodeUtf8(`<< /Type /Catalog /Pages ${tree} 0 R >>`);
  objects[tree - 1] = encodeUtf8(
    `<< /Type /Pages /Count ${kids.length} /Kids [${kids.map((id) => `${id} 0 R`).join(' ')}] >>`,
  );
  return assembled(objects, catalog, info);
}

function assembled(objects: readonly Uint8Array[], catalog: number, info: number): Uint8Array {
  const parts: Uint8Array[] = [
    concatBytes(encodeUtf8('%PDF-1.7\n%'), Uint8Array.of(0xe2, 0xe3, 0xcf, 0xd3, 10)),
  ];
  let at = parts[0]!.length;
  const places = objects.map((body, index) => {
    const place = at;
    const object = concatBytes(encodeUtf8(`${index + 1} 0 obj\n`), body, encodeUtf8('\nendobj\n'));
    parts.push(object);
    at += object.length;
    return place;
  });
  const rows = places.map((place) => `${String(place).padStart(10, '0')} 00000 n \n`);
  parts.push(
    encodeUtf8(
      `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${rows.join('')}` +
        `trailer\n<< /Size ${objects.length + 1} /Root ${catalog} 0 R /Info ${info} 0 R >>\n` +
        `startxref\n${at}\n%%EOF\n`,
    ),
  );
  return concatBytes(...parts);
}
