import type { Finding, Uuid } from '@yinglian/core';
import type { Standard } from '../documents/namespaces.ts';
import type { Rational } from '../mxf/property-types.ts';
import type { CueLine } from './convert.ts';

/** A subtitle or caption document of either standard. Times count in ticks of `ticksPerSecond`. */
export type TimedText = {
  readonly standard: Standard;
  readonly namespaceName: string;
  readonly id: Uuid | undefined;
  readonly title: string | undefined;
  readonly language: string | undefined;
  readonly issueDate: string | undefined;
  readonly reelNumber: number | undefined;
  readonly editRate: Rational | undefined;
  readonly ticksPerSecond: number;
  /** As written; undefined where the document has none. */
  readonly startTime: string | undefined;
  readonly fonts: readonly {
    readonly id: string;
    readonly target: string;
    readonly line: number;
  }[];
  /** Ids of fonts that texts ask for. */
  readonly usedFonts: readonly string[];
  readonly images: readonly { readonly target: string; readonly line: number }[];
  readonly events: readonly TextEvent[];
  /** Times that could not be read, with their line. */
  readonly badTimes: readonly { readonly text: string; readonly line: number }[];
  /** What is wrong with the form of the document; its times are judged against the reel. */
  readonly form: readonly Finding[];
};

/** One text or picture and when it is shown. */
export type TextEvent = {
  readonly startTicks: number;
  readonly endTicks: number;
  /** Lines by their vertical place, top to bottom as written; `runs` are the text by its style. */
  readonly lines: readonly {
    readonly place: string;
    readonly text: string;
    readonly runs: CueLine;
  }[];
  readonly images: number;
  /** Readings beside or above its characters. */
  readonly rubies: number;
  /** It stands neither at the lower nor at the upper edge, or not in the middle of its line. */
  readonly displaced: boolean;
  readonly line: number;
};
