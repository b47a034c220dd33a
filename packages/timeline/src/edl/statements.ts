/** The lines of an edit list, each understood as far as it goes and kept as it was written. */
export type EdlStatement =
  | { readonly kind: 'blank' | 'end'; readonly line: number; readonly text: string }
  | { readonly kind: 'title' | 'other'; readonly line: number; readonly text: string }
  | { readonly kind: 'fcm'; readonly line: number; readonly text: string; readonly drop: boolean }
  | EdlEventLine
  | EdlSpeedLine
  | EdlRemark;

/** `001  REEL  V  D 024  source in, source out, record in, record out`. */
export type EdlEventLine = {
  readonly kind: 'event';
  readonly line: number;
  readonly text: string;
  readonly number: string;
  readonly reel: string;
  readonly channels: string;
  /** `C`, `D`, `W001`, `K` (foreground), `KB` (background), `KO` (key out). */
  readonly transition: string;
  readonly durationFrames: number;
  readonly sourceIn: string;
  readonly sourceOut: string;
  readonly recordIn: string;
  readonly recordOut: string;
};

/** `M2  REEL  048.0  01:00:00:00`: frames of source a second. */
export type EdlSpeedLine = {
  readonly kind: 'speed';
  readonly line: number;
  readonly text: string;
  readonly reel: string;
  readonly framesPerSecond: string;
  readonly sourceIn: string;
};

/** A comment, or a line that says something about the event above it. */
export type EdlRemark = {
  readonly kind: 'remark';
  readonly line: number;
  readonly text: string;
  readonly about: RemarkKind;
  /** What it says, without its mark and key. */
  readonly value: string;
};

/** What remarks are about; `comment` is any other one. */
export type RemarkKind =
  | 'fromName'
  | 'toName'
  | 'keyName'
  | 'file'
  | 'locator'
  | 'slopeOffsetPower'
  | 'saturation'
  | 'freeze'
  | 'effectName'
  | 'audio'
  | 'split'
  | 'comment';

/** Characters of a line; longer ones are no statement of any list. */
export const EDL_LINE_MAX = 8192;
/** Characters of a line in columns; a File128 event has about 200. */
const COLUMNS_MAX = 512;

const LABEL = String.raw`\d{1,2}[:;.,]\d\d[:;.,]\d\d[:;.,]\d{2,3}`;
const TIMES = new RegExp(String.raw`(?:^|\s)(${LABEL})\s+(${LABEL})\s+(${LABEL})\s+(${LABEL})`);
const EVENT_START = /^\s*\d{1,9}[A-Za-z]?\s/;
const SPEED = new RegExp(
  String.raw`^M2\s*:?\s+(?:(\S.*?)\s+)?([+-]?\s*\d+(?:\.\d*)?)(?:\s+(${LABEL}))?\s*$`,
  'i',
);
const REMARKS: readonly (readonly [RegExp, RemarkKind])[] = [
  [/^FROM\s+CLIP\s+NAME\s*:(.*)$/i, 'fromName'],
  [/^TO\s+CLIP\s+NAME\s*:(.*)$/i, 'toName'],
  [/^KEY\s+CLIP\s+NAME\s*:(.*)$/i, 'keyName'],
  [/^(?:FROM\s+FILE|FROM\s+CLIP|SOURCE\s+FILE)\s*:(.*)$/i, 'file'],
  [/^LOC\s*:(.*)$/i, 'locator'],
  [/^ASC_SOP\s*:?(.*)$/i, 'slopeOffsetPower'],
  [/^ASC_SAT\s*:?(.*)$/i, 'saturation'],
  [/^\*?\s*FREEZE\s+FRAME\s*:?(.*)$/i, 'freeze'],
  [/^EFFECTS?\s+NAME(?:\s+IS\s|\s*:)(.*)$/i, 'effectName'],
];

/** A number, then something with a time in it: an event that somebody meant. */
const EVENT_LIKE = /^\s*\d{1,9}[A-Za-z]?\s.*?\d{1,2}[:;.,]\d\d[:;.,]/;

/** Whether a line that could not be read was an event to whoever wrote it. */
export function looksLikeEvent(text: string): boolean {
  return text.length <= COLUMNS_MAX && EVENT_LIKE.test(text);
}

/** Divides the text of a list; every character of it is in exactly one statement or line end. */
export function readStatements(text: string): EdlStatement[] {
  const lines = text.split(/\r\n|\r|\n/);
  // The end of the last line begins no new one.
  if (lines.at(-1) === '') lines.pop();
  return lines.map((line, index) => readStatement(line, index + 1));
}

function readStatement(text: string, line: number): EdlStatement {
  const trimmed = text.trim();
  if (trimmed === '') return { kind: 'blank', line, text };
  if (text.length > EDL_LINE_MAX) return { kind: 'other', line, text };
  const first = trimmed.charCodeAt(0);
  // Control-Z ends a file of CP/M and of the editing systems built upon it.
  if (first === 0x1a) return { kind: 'end', line, text };
  if (first >= 0x30 && first <= 0x39 && text.length <= COLUMNS_MAX) {
    return readEvent(text, line) ?? { kind: 'other', line, text };
  }
  if (first === 0x2a) return readRemark(text, trimmed.slice(1).trim(), line);
  const keyword = /^(TITLE|FCM|M2|AUD|SPLIT)\b/i.exec(trimmed)?.[1]?.toUpperCase();
  if (keyword === 'TITLE') return { kind: 'title', line, text };
  if (keyword === 'FCM') return { kind: 'fcm', line, text, drop: !/NON/i.test(trimmed) };
  if (keyword === 'M2') return readSpeed(text, trimmed, line);
  if (keyword === 'AUD') {
    return { kind: 'remark', line, text, about: 'audio', value: trimmed.slice(3).trim() };
  }
  if (keyword === 'SPLIT') {
    return { kind: 'remark', line, text, about: 'split', value: trimmed.slice(5).trim() };
  }
  const remark = readRemark(text, trimmed, line);
  return remark.about === 'comment' ? { kind: 'other', line, text } : remark;
}

function readRemark(text: string, said: string, line: number): EdlRemark {
  for (const [pattern, about] of REMARKS) {
    const match = pattern.exec(said);
    if (match !== null) return { kind: 'remark', line, text, about, value: match[1]!.trim() };
  }
  return { kind: 'remark', line, text, about: 'comment', value: said };
}

function readSpeed(text: string, trimmed: string, line: number): EdlStatement {
  const match = trimmed.length > COLUMNS_MAX ? null : SPEED.exec(trimmed);
  if (match === null) return { kind: 'other', line, text };
  const framesPerSecond = match[2]!.replace(/\s/g, '');
  const [reel, sourceIn] = [match[1] ?? '', match[3] ?? ''];
  return { kind: 'speed', line, text, reel, framesPerSecond, sourceIn };
}

function readEvent(text: string, line: number): EdlEventLine | undefined {
  if (!EVENT_START.test(text)) return undefined;
  const times = TIMES.exec(text);
  if (times === null) return undefined;
  const words = text.slice(0, times.index).trim().split(/\s+/);
  let last = words.length - 1;
  let durationFrames = 0;
  if (last > 2 && /^\d+$/.test(words[last]!) && isTransition(words, last - 1)) {
    durationFrames = Number(words[last]);
    last--;
  }
  let transition = words[last]!.toUpperCase();
  if ((transition === 'B' || transition === 'O') && words[last - 1]?.toUpperCase() === 'K') {
    transition = `K${transition}`;
    last--;
  }
  if (last < 1 || !TRANSITION.test(transition)) return undefined;
  const channels = (words[last - 1] ?? '').toUpperCase();
  // A list without a reel column has the channel right after the number.
  const reel = last >= 3 ? words.slice(1, last - 1).join(' ') : '';
  if (last < 2 || !CHANNELS.test(channels)) return undefined;
  const [sourceIn, sourceOut, recordIn, recordOut] = times.slice(1) as [
    string,
    string,
    string,
    string,
  ];
  const clock = { sourceIn, sourceOut, recordIn, recordOut };
  const number = words[0]!;
  return {
    kind: 'event',
    line,
    text,
    number,
    reel,
    channels,
    transition,
    durationFrames,
    ...clock,
  };
}

const TRANSITION = /^(?:C|D|W\d{1,4}|K|KB|KO)$/;
const CHANNELS = /^(?:NONE|B|(?:V\d*|A+\d*)(?:[/,&+]?(?:V\d*|A+\d*))*|VA\d+|\d+)$/;

function isTransition(words: readonly string[], at: number): boolean {
  const word = words[at]!.toUpperCase();
  return TRANSITION.test(word) || ((word === 'B' || word === 'O') && at > 0);
}

/**
 * The tracks of a channel field: `V`, `V2`, `A1` … `B` is picture and first sound, `AA` the first
 * two sounds, a slash joins (`AA/V`), `NONE` is no track by itself (an `AUD` line names them).
 */
export function channelsOf(field: string): string[] {
  if (field === 'NONE') return [];
  if (field === 'B') return ['V', 'A1'];
  const found: string[] = [];
  for (const [whole, kind, digits] of field.matchAll(/(V|A+)(\d*)/g)) {
    if (kind === 'V') found.push(digits === '' || digits === '1' ? 'V' : `V${Number(digits)}`);
    else if (digits !== '') found.push(`A${Number(digits)}`);
    else for (let i = 1; i <= whole.length; i++) found.push(`A${i}`);
  }
  if (/^\d+$/.test(field)) found.push(`A${Number(field)}`);
  return [...new Set(found)];
}
