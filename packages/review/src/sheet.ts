import { assert, encodeUtf8 } from '@yinglian/core';
import { outlineOf, type Segment, type Shape } from './drawing.ts';

/**
 * Remarks on paper (PDF 1.4, ISO 32000-1): the picture of each frame, what was drawn on it as
 * vectors, and what was said beside it. No font is embedded: Latin letters are Helvetica and all
 * others STSong-Light, which every reader has or replaces (ISO 32000-1 9.7.5.2, UniGB-UTF16-H).
 */

/** A frame as JPEG. */
export type SheetPicture = {
  readonly jpeg: Uint8Array;
  readonly width: number;
  readonly height: number;
};

/** One remark with its answers. */
export type SheetNote = {
  readonly heading: string;
  readonly lines: readonly string[];
  readonly picture: SheetPicture | null;
  readonly shapes: readonly Shape[];
};

/** A whole sheet. */
export type NoteSheet = {
  readonly title: string;
  readonly subtitle: string;
  readonly notes: readonly SheetNote[];
};

// A4 in points.
const PAGE = { width: 595, height: 842, margin: 42 };
const PICTURE_WIDTH = 236;
const GAP = 14;
const SIZE = { title: 18, heading: 10.5, text: 10, small: 9 };
const LEADING = 1.45;
/** Lines of one remark that are printed; a longer one is not read on paper. */
const LINES_MAX = 40;

/** Widths of Helvetica from space to tilde in thousandths of an em (Adobe's core metrics). */
const HELVETICA = [
  278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556,
  556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667,
  611, 778, 722, 278, 500, 667, 556, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667,
  667, 611, 278, 278, 278, 469, 556, 333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500,
  222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
];

function emsOf(sign: string): number {
  const code = sign.codePointAt(0)!;
  return code >= 32 && code <= 126 ? HELVETICA[code - 32]! / 1000 : 1;
}

const isLatin = (sign: string): boolean => /^[ -~]$/.test(sign);

/** Breaks a text into lines that fit; Latin words stay whole where they can. */
export function wrapText(text: string, size: number, width: number): string[] {
  const lines: string[] = [];
  for (const paragraph of text.split(/\r\n|\n|\r/)) {
    let line = '';
    let used = 0;
    for (const word of paragraph.match(/[!-~]+ ?|[^!-~]/gu) ?? []) {
      const length = [...word].reduce((sum, sign) => sum + emsOf(sign) * size, 0);
      if (used + length > width && line !== '') {
        lines.push(line.trimEnd());
        [line, used] = ['', 0];
      }
      if (length <= width) {
        [line, used] = [line + word, used + length];
        continue;
      }
      for (const sign of word) {
        if (used + emsOf(sign) * size > width) {
          lines.push(line);
          [line, used] = ['', 0];
        }
        [line, used] = [line + sign, used + emsOf(sign) * size];
      }
    }
    lines.push(line.trimEnd());
  }
  return lines;
}

const two = (value: number): string => String(Math.round(value * 100) / 100);

/** Text from a place on: runs of Latin in one font, of everything else in the other. */
function textAt(text: string, x: number, y: number, size: number): string {
  let out = '';
  let at = x;
  for (const run of text.match(/[ -~]+|[^ -~]+/gu) ?? []) {
    const latin = isLatin([...run][0]!);
    const shown = latin ? `(${run.replace(/[\\()]/g, '\\$&')})` : `<${utf16(run)}>`;
    out += `BT /${latin ? 'F1' : 'F2'} ${size} Tf 1 0 0 1 ${two(at)} ${two(y)} Tm ${shown} Tj ET\n`;
    at += [...run].reduce((sum, sign) => sum + emsOf(sign) * size, 0);
  }
  return out;
}

function utf16(text: string): string {
  let hex = '';
  for (let i = 0; i < text.length; i++) hex += text.charCodeAt(i).toString(16).padStart(4, '0');
  return hex;
}

type Box = { readonly x: number; readonly y: number; readonly w: number; readonly h: number };

/** Shapes over a picture, with the page's y that grows upwards. */
function shapesOver(shapes: readonly Shape[], box: Box): string {
  let out = `q ${two(box.x)} ${two(box.y)} ${two(box.w)} ${two(box.h)} re W n 1 J 1 j\n`;
  const place = (x: number, y: number) => `${two(box.x + x)} ${two(box.y + box.h - y)}`;
  for (const shape of shapes) {
    const colour = [1, 3, 5]
      .map((from) => two(Number.parseInt(shape.colour.slice(from, from + 2), 16) / 255))
      .join(' ');
    if (shape.kind === 'text') {
      const [x, y] = shape.points[0]!;
      out += `${colour} rg\n${textAt(
        shape.text ?? '',
        box.x + x * box.w,
        box.y + box.h - y * box.h,
        Math.max(4, shape.width * box.h),
      )}`;
      continue;
    }
    const path = outlineOf(shape, { width: box.w, height: box.h }).map((each) =>
      drawn(each, place),
    );
    out += `${colour} RG ${two(Math.max(0.5, shape.width * box.h))} w ${path.join(' ')} S\n`;
  }
  return `${out}Q\n0 g\n`;
}

function drawn(segment: Segment, place: (x: number, y: number) => string): string {
  if (segment[0] === 'Z') return 'h';
  if (segment[0] !== 'C') return `${place(segment[1], segment[2])} ${segment[0].toLowerCase()}`;
  const [, ax, ay, bx, by, x, y] = segment;
  return `${place(ax, ay)} ${place(bx, by)} ${place(x, y)} c`;
}

type Page = { content: string; readonly pictures: number[] };

/** Puts remarks on pages, each whole on one. */
class Setter {
  readonly pages: Page[] = [];
  readonly pictures: SheetPicture[] = [];
  #y = 0;

  constructor(title: string, subtitle: string) {
    this.#turn();
    this.#write(title, SIZE.title, PAGE.margin, this.#y - SIZE.title);
    this.#y -= SIZE.title * LEADING;
    this.#write(subtitle, SIZE.small, PAGE.margin, this.#y - SIZE.small);
    this.#y -= SIZE.small * LEADING + GAP;
  }

  #turn(): void {
    this.pages.push({ content: '0 g\n', pictures: [] });
    this.#y = PAGE.height - PAGE.margin;
    const number = String(this.pages.length);
    this.#write(number, SIZE.small, PAGE.width - PAGE.margin - 12, PAGE.margin / 2);
  }

  get #page(): Page {
    return this.pages.at(-1)!;
  }

  #write(text: string, size: number, x: number, y: number): void {
    this.#page.content += textAt(text, x, y, size);
  }

  add(note: SheetNote): void {
    const { picture } = note;
    const height = picture === null ? 0 : (PICTURE_WIDTH * picture.height) / picture.width;
    const left = PAGE.margin + (picture === null ? 0 : PICTURE_WIDTH + GAP);
    const wide = PAGE.width - PAGE.margin - left;
    const heading = wrapText(note.heading, SIZE.heading, wide);
    const lines = note.lines.flatMap((each) => wrapText(each, SIZE.text, wide)).slice(0, LINES_MAX);
    const tall = heading.length * SIZE.heading * LEADING + lines.length * SIZE.text * LEADING;
    const whole = Math.max(height, tall) + GAP;
    if (this.#y - whole < PAGE.margin) this.#turn();
    const top = this.#y;
    if (picture !== null) {
      this.#picture(picture, note.shapes, {
        x: PAGE.margin,
        y: top - height,
        w: PICTURE_WIDTH,
        h: height,
      });
    }
    let y = top;
    for (const each of heading) {
      this.#write(each, SIZE.heading, left, y - SIZE.heading);
      y -= SIZE.heading * LEADING;
    }
    for (const each of lines) {
      this.#write(each, SIZE.text, left, y - SIZE.text);
      y -= SIZE.text * LEADING;
    }
    this.#y = top - whole;
  }

  #picture(picture: SheetPicture, shapes: readonly Shape[], box: Box): void {
    const index = this.pictures.push(picture) - 1;
    this.#page.pictures.push(index);
    this.#page.content +=
      `q ${two(box.w)} 0 0 ${two(box.h)} ${two(box.x)} ${two(box.y)} cm` +
      ` /P${index} Do Q\n${shapesOver(shapes, box)}`;
  }
}

/** Writes the sheet as a PDF. */
export function writeNoteSheet(sheet: NoteSheet): Uint8Array {
  const setter = new Setter(sheet.title, sheet.subtitle);
  for (const each of sheet.notes) setter.add(each);
  const { pages, pictures } = setter;
  // 1 catalogue, 2 pages, 3–6 fonts, then pictures, then a page and its content each.
  const firstPicture = 7;
  const firstPage = firstPicture + pictures.length;
  const kids = pages.map((_, index) => `${firstPage + 2 * index} 0 R`).join(' ');
  const objects: Uint8Array[] = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    `<< /Type /Pages /Kids [${kids}] /Count ${pages.length} >>`,
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>',
    '<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UTF16-H' +
      ' /DescendantFonts [5 0 R] >>',
    '<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /DW 1000 /CIDSystemInfo' +
      ' << /Registry (Adobe) /Ordering (GB1) /Supplement 4 >> /FontDescriptor 6 0 R >>',
    '<< /Type /FontDescriptor /FontName /STSong-Light /Flags 6 /FontBBox [-25 -254 1000 880]' +
      ' /ItalicAngle 0 /Ascent 880 /Descent -120 /CapHeight 880 /StemV 93 >>',
  ].map(encodeUtf8);
  for (const { jpeg, width, height } of pictures) {
    objects.push(
      stream(
        `/Type /XObject /Subtype /Image /Width ${width} /Height ${height}` +
          ' /ColorSpace /DeviceRGB /BitsPerComponent 8 /Filter /DCTDecode',
        jpeg,
      ),
    );
  }
  for (const [index, page] of pages.entries()) {
    const used = page.pictures.map((each) => `/P${each} ${firstPicture + each} 0 R`).join(' ');
    objects.push(
      encodeUtf8(
        `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 ${PAGE.width} ${PAGE.height}]` +
          ` /Resources << /Font << /F1 3 0 R /F2 4 0 R >> /XObject << ${used} >> >>` +
          ` /Contents ${firstPage + 2 * index + 1} 0 R >>`,
      ),
      stream('', encodeUtf8(page.content)),
    );
  }
  return bound(objects);
}

function stream(entries: string, bytes: Uint8Array): Uint8Array {
  return joined([
    encodeUtf8(`<< ${entries} /Length ${bytes.length} >>\nstream\n`),
    bytes,
    encodeUtf8('\nendstream'),
  ]);
}

/** Objects with the table of where each begins (ISO 32000-1 7.5.4). */
function bound(objects: readonly Uint8Array[]): Uint8Array {
  // Four high bytes after the header say that the file is binary (7.5.2).
  const parts: Uint8Array[] = [
    encodeUtf8('%PDF-1.4\n%'),
    new Uint8Array([0xe2, 0xe3, 0xcf, 0xd3, 0x0a]),
  ];
  let at = parts.reduce((sum, each) => sum + each.length, 0);
  let table = `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n`;
  for (const [index, each] of objects.entries()) {
    table += `${String(at).padStart(10, '0')} 00000 n \n`;
    const object = [encodeUtf8(`${index + 1} 0 obj\n`), each, encodeUtf8('\nendobj\n')];
    parts.push(...object);
    at += object.reduce((sum, part) => sum + part.length, 0);
  }
  const root = `trailer\n<< /Size ${objects.length + 1} /Root 1 0 R >>\n`;
  const trailer = `${root}startxref\n${at}\n%%EOF\n`;
  parts.push(encodeUtf8(table + trailer));
  return joined(parts);
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, each) => sum + each.length, 0));
  let at = 0;
  for (const each of parts) {
    whole.set(each, at);
    at += each.length;
  }
  return whole;
}

/** Frame headers of JPEG that hold the size: SOF0 to SOF15 without DHT, JPG and DAC. */
const NO_FRAME = new Set([0xc4, 0xc8, 0xcc]);

/** The size that a JPEG says of itself (ITU-T T.81 B.2.2); undefined for anything else. */
export function jpegSize(bytes: Uint8Array): { width: number; height: number } | undefined {
  if (bytes[0] !== 0xff || bytes[1] !== 0xd8) return undefined;
  let at = 2;
  while (at + 9 < bytes.length && bytes[at] === 0xff) {
    const marker = bytes[at + 1]!;
    const word = (offset: number) => (bytes[at + offset]! << 8) | bytes[at + offset + 1]!;
    if (marker >= 0xc0 && marker <= 0xcf && !NO_FRAME.has(marker)) {
      const size = { width: word(7), height: word(5) };
      return size.width > 0 && size.height > 0 ? size : undefined;
    }
    const length = word(2);
    assert(length >= 0, 'two bytes make no negative number');
    if (length < 2) return undefined;
    at += 2 + length;
  }
  return undefined;
}
