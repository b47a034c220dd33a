import { assert, type Uuid, uuidUrn } from '@yinglian/core';
import {
  documentOf,
  element,
  onlyXmlText,
  writeXml,
  type XmlElement,
  type XmlNode,
} from '@yinglian/xml';
import type { Standard } from '../documents/namespaces.ts';
import { rationalText } from '../documents/reading.ts';
import type { Rational } from '../mxf/property-types.ts';
import type { Cue } from './convert.ts';

/** What a timed text document says beside its texts. */
export type TimedTextPlan = {
  readonly standard: Standard;
  readonly id: Uuid;
  readonly title: string;
  /** RFC 5646; Interop documents carry its name in the same way. */
  readonly language: string;
  /** ISO 8601 with an offset and without a fraction. */
  readonly issueDate: string;
  readonly reelNumber: number;
  readonly editRate: Rational;
  /** Without a font players take their own. */
  readonly font?: { readonly id: Uuid; readonly fileName?: string };
  /** Size in points on a screen 11 inches high (ST 428-7:2014 6.6). */
  readonly fontPoints?: number;
  /** From the lower or upper edge to the line next to it, and between lines, in percent. */
  readonly bottomPercent?: number;
  readonly linePercent?: number;
};

const NAMESPACE = 'http://www.smpte-ra.org/schemas/428-7/2014/DCST';
const FONT_NAME = 'font';
const FONT_POINTS = 42;
const BOTTOM_PERCENT = 8;
const LINE_PERCENT = 7;
/** Interop times count in units of 4 ms. */
const INTEROP_TICK_MS = 4;

/**
 * Cues as ST 428-7:2014 or Interop XML. `fromMs` is where the reel begins in the time of the cues
 * and `untilMs` where it ends: cues of other reels are left out, those across the edge are cut.
 */
export function writeTimedText(
  cues: readonly Cue[],
  plan: TimedTextPlan,
  reel: { readonly fromMs: number; readonly untilMs: number },
): Uint8Array {
  assert(reel.untilMs > reel.fromMs, 'a reel has a length');
  const own = cues
    .filter(
      (cue) => cue.endMs > reel.fromMs && cue.startMs < reel.untilMs && cue.endMs > cue.startMs,
    )
    .map((cue) => ({
      ...cue,
      startMs: Math.max(0, cue.startMs - reel.fromMs),
      endMs: Math.min(cue.endMs, reel.untilMs) - reel.fromMs,
    }));
  return plan.standard === 'smpte' ? writeSmpte(own, plan) : writeInterop(own, plan);
}

function writeSmpte(cues: readonly Cue[], plan: TimedTextPlan): Uint8Array {
  const leaf = (name: string, text: string | number) =>
    element(name, NAMESPACE, { children: [String(text)] });
  const { editRate, font } = plan;
  const perSecond = Math.round(editRate.numerator / editRate.denominator);
  const time = (ms: number) => smpteTime(ms, perSecond);
  const subtitles = cues.map((cue, index) =>
    element('Subtitle', NAMESPACE, {
      attributes: {
        SpotNumber: String(index + 1),
        TimeIn: time(cue.startMs),
        TimeOut: time(cue.endMs),
        FadeUpTime: '00:00:00:00',
        FadeDownTime: '00:00:00:00',
      },
      children: textElements(cue, plan, NAMESPACE, SMPTE_NAMES),
    }),
  );
  return writeXml(
    documentOf(
      layOut(
        element('SubtitleReel', NAMESPACE, {
          declarations: { '': NAMESPACE },
          children: [
            leaf('Id', uuidUrn(plan.id)),
            leaf('ContentTitleText', plan.title),
            leaf('IssueDate', plan.issueDate),
            leaf('ReelNumber', plan.reelNumber),
            leaf('Language', plan.language),
            leaf('EditRate', rationalText(editRate)),
            leaf('TimeCodeRate', perSecond),
            leaf('StartTime', '00:00:00:00'),
            font &&
              element('LoadFont', NAMESPACE, {
                attributes: { ID: FONT_NAME },
                children: [uuidUrn(font.id)],
              }),
            element('SubtitleList', NAMESPACE, {
              children: [
                element('Font', NAMESPACE, {
                  attributes: {
                    ID: font && FONT_NAME,
                    Size: String(plan.fontPoints ?? FONT_POINTS),
                    Color: 'FFFFFFFF',
                    Effect: 'border',
                    EffectColor: 'FF000000',
                  },
                  children: subtitles,
                }),
              ],
            }),
          ],
        }),
      ),
    ),
  );
}

function writeInterop(cues: readonly Cue[], plan: TimedTextPlan): Uint8Array {
  const leaf = (name: string, text: string | number) =>
    element(name, '', { children: [String(text)] });
  const { font } = plan;
  const subtitles = cues.map((cue, index) =>
    element('Subtitle', '', {
      attributes: {
        SpotNumber: String(index + 1),
        TimeIn: interopTime(cue.startMs),
        TimeOut: interopTime(cue.endMs),
        FadeUpTime: '0',
        FadeDownTime: '0',
      },
      children: textElements(cue, plan, '', INTEROP_NAMES),
    }),
  );
  return writeXml(
    documentOf(
      layOut(
        element('DCSubtitle', '', {
          attributes: { Version: '1.0' },
          children: [
            leaf('SubtitleID', plan.id),
            leaf('MovieTitle', plan.title),
            leaf('ReelNumber', plan.reelNumber),
            leaf('Language', plan.language),
            font &&
              element('LoadFont', '', {
                attributes: { Id: FONT_NAME, URI: font.fileName ?? font.id },
              }),
            element('Font', '', {
              attributes: {
                Id: font && FONT_NAME,
                Size: String(plan.fontPoints ?? FONT_POINTS),
                Color: 'FFFFFFFF',
                Effect: 'border',
                EffectColor: 'FF000000',
              },
              children: subtitles,
            }),
          ],
        }),
      ),
    ),
  );
}

type Names = { readonly align: string; readonly place: string };
const SMPTE_NAMES: Names = { align: 'Valign', place: 'Vposition' };
const INTEROP_NAMES: Names = { align: 'VAlign', place: 'VPosition' };

/** One Text for each line, the last one lowest. */
function textElements(
  { lines, top }: Cue,
  plan: TimedTextPlan,
  namespace: string,
  names: Names,
): XmlElement[] {
  const edge = plan.bottomPercent ?? BOTTOM_PERCENT;
  const step = plan.linePercent ?? LINE_PERCENT;
  return lines.map((line, index) =>
    element('Text', namespace, {
      attributes: {
        [names.align]: top === true ? 'top' : 'bottom',
        [names.place]: String(edge + step * (top === true ? index : lines.length - 1 - index)),
      },
      children: line.map((run) => {
        const text = onlyXmlText(run.text);
        return run.italic
          ? element('Font', namespace, { attributes: { Italic: 'yes' }, children: [text] })
          : text;
      }),
    }),
  );
}

const two = (value: number): string => String(value).padStart(2, '0');

/** The frame that a moment falls into. */
function smpteTime(ms: number, perSecond: number): string {
  const frames = Math.floor((ms * perSecond) / 1000);
  const seconds = Math.floor(frames / perSecond);
  return `${clock(seconds)}:${two(frames % perSecond)}`;
}

function interopTime(ms: number): string {
  const ticks = Math.floor(ms / INTEROP_TICK_MS);
  const perSecond = 1000 / INTEROP_TICK_MS;
  return `${clock(Math.floor(ticks / perSecond))}:${String(ticks % perSecond).padStart(3, '0')}`;
}

function clock(seconds: number): string {
  return [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60]
    .map(two)
    .join(':');
}

/** A line for each element, but nothing inside a Text: there white space would be shown. */
function layOut(of: XmlElement, level = 0): XmlElement {
  const children = of.children.filter((child): child is XmlElement => child.kind === 'element');
  if (of.local === 'Text' || children.length === 0) return of;
  const line = (depth: number): XmlNode => ({ kind: 'text', text: `\n${'  '.repeat(depth)}` });
  const laid = children.flatMap((child) => [line(level + 1), layOut(child, level + 1)]);
  return { ...of, children: [...laid, line(level)] };
}
