import type { Locale } from '@yinglian/core';

export type Writer = {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
};

/** What a command may do to the outside: say things, show progress, be interrupted. */
export type Terminal = {
  readonly locale: Locale;
  /** Answers as JSON on standard output, one document, nothing else. */
  readonly json: boolean;
  readonly signal: AbortSignal;
  /** An answer; on standard output. Silent with `--json`. */
  say(text: string): void;
  /** Something about the work, not its answer; on standard error. */
  remark(text: string): void;
  answer(value: unknown): void;
  table(head: readonly string[], rows: readonly (readonly string[])[]): void;
  progress(label: string): Progress;
  /** Either of two wordings. */
  words(zh: string, en: string): string;
};

export type Progress = {
  update(fraction: number | undefined, detail?: string): void;
  done(): void;
};

export type TerminalOptions = {
  locale: Locale;
  json: boolean;
  signal: AbortSignal;
  stdout: Writer;
  stderr: Writer;
};

export function createTerminal(options: TerminalOptions): Terminal {
  const { locale, json, signal, stdout, stderr } = options;
  return {
    locale,
    json,
    signal,
    say: (text) => void (json || stdout.write(`${text}\n`)),
    remark: (text) => void stderr.write(`${text}\n`),
    answer: (value) => void (json && stdout.write(`${JSON.stringify(value, jsonValue, 2)}\n`)),
    table: (head, rows) => void (json || stdout.write(renderTable(head, rows))),
    progress: (label) => (stderr.isTTY === true && !json ? bar(label, stderr) : silentProgress),
    words: (zh, en) => (locale === 'zh-CN' ? zh : en),
  };
}

/** Amounts leave as decimal text, bytes as base64: JSON has neither. */
function jsonValue(_: string, value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  return value;
}

const silentProgress: Progress = { update: () => undefined, done: () => undefined };

const BAR_CELLS = 28;
const REDRAW_MS_MIN = 80;

/** A bar on one line of a terminal; a pipe gets none, its reader wants lines. */
function bar(label: string, stderr: Writer): Progress {
  let drawnAt = 0;
  const draw = (fraction: number | undefined, detail: string) => {
    const known = fraction === undefined ? 0 : Math.max(0, Math.min(1, fraction));
    const full = Math.round(known * BAR_CELLS);
    const cells = '█'.repeat(full) + '░'.repeat(BAR_CELLS - full);
    const percent =
      fraction === undefined ? '' : ` ${String(Math.floor(known * 100)).padStart(3)} %`;
    const line = `${label} ${cells}${percent} ${detail}`;
    stderr.write(`\r\u001b[2K${clip(line, (stderr.columns ?? 100) - 1)}`);
  };
  return {
    update: (fraction, detail = '') => {
      const now = performance.now();
      if (now - drawnAt < REDRAW_MS_MIN && fraction !== 1) return;
      drawnAt = now;
      draw(fraction, detail);
    },
    done: () => void stderr.write('\r\u001b[2K'),
  };
}

/** Columns a text takes on a terminal: Chinese and other wide characters take two. */
export function textWidth(text: string): number {
  let width = 0;
  for (const char of text) width += isWide(char.codePointAt(0)!) ? 2 : 1;
  return width;
}

/** East Asian Width W and F (Unicode UAX 11), the blocks that occur here. */
function isWide(point: number): boolean {
  return (
    (point >= 0x1100 && point <= 0x115f) ||
    (point >= 0x2e80 && point <= 0xa4cf) ||
    (point >= 0xac00 && point <= 0xd7a3) ||
    (point >= 0xf900 && point <= 0xfaff) ||
    (point >= 0xfe30 && point <= 0xfe6f) ||
    (point >= 0xff00 && point <= 0xff60) ||
    (point >= 0xffe0 && point <= 0xffe6) ||
    (point >= 0x20000 && point <= 0x3fffd)
  );
}

function clip(text: string, columns: number): string {
  let width = 0;
  let kept = '';
  for (const char of text) {
    width += textWidth(char);
    if (width > columns) return kept;
    kept += char;
  }
  return kept;
}

export function renderTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [head, ...rows];
  const widths = head.map((_, column) =>
    Math.max(...all.map((row) => textWidth(row[column] ?? ''))),
  );
  const numeric = head.map(
    (_, column) =>
      rows.length > 0 && rows.every((row) => /^[-¥]?[\d,.]*%?$/.test(row[column] ?? '')),
  );
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => {
        const space = ' '.repeat(widths[column]! - textWidth(cell));
        return numeric[column] === true ? space + cell : cell + space;
      })
      .join('  ')
      .trimEnd();
  const rule = widths.map((width) => '─'.repeat(width)).join('  ');
  return `${[line(head), rule, ...rows.map(line)].join('\n')}\n`;
}
