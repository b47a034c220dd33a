import { accepted, type Finding, finding, type Outcome, refused } from '@yinglian/core';

/** One text on screen, as subtitle files of the post house give it. Times in milliseconds. */
export type Cue = {
  readonly startMs: number;
  readonly endMs: number;
  readonly lines: readonly CueLine[];
  /** Shown at the upper edge; at the lower one unless told. */
  readonly top?: true;
};

/** Text in one style. */
export type CueRun = { readonly text: string; readonly italic: boolean };

/** A line of runs. */
export type CueLine = readonly CueRun[];

/** A line as it is shown: space at its ends is layout of the document. */
export function trimmedLine(line: CueLine): CueLine {
  return line
    .map((run, index) => {
      let { text } = run;
      if (index === 0) text = text.trimStart();
      if (index === line.length - 1) text = text.trimEnd();
      return { ...run, text };
    })
    .filter((run) => run.text !== '');
}

const CUES_MAX = 100_000;
/** Places of a numeric keypad, as SubRip has them from SubStation Alpha: 7 to 9 are above. */
const UPPER_EDGE = /\{\\an[789]\}/;
const TIME = /^(?:(\d{1,3}):)?(\d{1,2}):(\d{2})[.,](\d{1,3})$/;
const TIMING = /^\s*(\S+)\s+-->\s+(\S+)(?:\s+.*)?$/;

/**
 * Reads SubRip (SRT) or WebVTT, told by the head of the text. Blocks that are no cue (notes,
 * styles) are passed over; a cue whose times cannot be read is reported and left out. Markup other
 * than italics is dropped.
 */
export function readCues(text: string, file: string): Outcome<readonly Cue[]> {
  const findings: Finding[] = [];
  const cues: Cue[] = [];
  const lines = text.replace(/^\ufeff/, '').split(/\r\n|\r|\n/);
  for (let at = 0; at < lines.length; at++) {
    const timing = TIMING.exec(lines[at]!);
    if (timing === null) continue;
    const line = at + 1;
    const body: string[] = [];
    while (at + 1 < lines.length && lines[at + 1]!.trim() !== '') body.push(lines[++at]!);
    const [startMs, endMs] = [milliseconds(timing[1]!), milliseconds(timing[2]!)];
    if (startMs === undefined || endMs === undefined) {
      const time = `${timing[1]} --> ${timing[2]}`.slice(0, 60);
      findings.push(finding('invalid_text_time', 'error', { facts: { time }, at: { file, line } }));
      continue;
    }
    if (cues.length >= CUES_MAX) break;
    const top = UPPER_EDGE.test(body.join('')) ? { top: true as const } : {};
    cues.push({ startMs, endMs, lines: styledLines(body), ...top });
  }
  if (cues.length === 0) {
    return refused(...findings, finding('empty_text', 'error', { at: { file } }));
  }
  cues.sort((a, b) => a.startMs - b.startMs);
  return accepted(cues, findings);
}

function milliseconds(text: string): number | undefined {
  const match = TIME.exec(text);
  if (match === null) return undefined;
  const [hours, minutes, seconds] = [Number(match[1] ?? 0), Number(match[2]), Number(match[3])];
  if (minutes > 59 || seconds > 59) return undefined;
  return ((hours * 60 + minutes) * 60 + seconds) * 1000 + Number(match[4]!.padEnd(3, '0'));
}

/** Italics may begin in one line and end in a later one. */
function styledLines(body: readonly string[]): CueLine[] {
  let italic = false;
  return body
    .map((line) => {
      const runs: { text: string; italic: boolean }[] = [];
      for (const part of line.split(/(<[^<>]*>|\{\\[^{}]*\})/)) {
        if (/^<i[ .>]/i.test(part) || part === '{\\i1}') italic = true;
        else if (/^<\/i>/i.test(part) || part === '{\\i0}') italic = false;
        if (/^(<[^<>]*>|\{\\[^{}]*\})$/.test(part) || part === '') continue;
        runs.push({ text: plainText(part), italic });
      }
      return runs;
    })
    .filter((runs) => runs.some((run) => run.text.trim() !== ''));
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&nbsp;': '\u00a0',
  '&lrm;': '\u200e',
  '&rlm;': '\u200f',
};

function plainText(text: string): string {
  return text.replace(/&(?:amp|lt|gt|nbsp|lrm|rlm);/g, (entity) => ENTITIES[entity]!);
}
