import type { Fen, InstantMs } from '@yinglian/core';

/** What the programme of a cinema says. */
export type PlannedShow = {
  readonly id: string;
  readonly screenId: string;
  readonly filmId: string;
  readonly startsAt: InstantMs;
  readonly endsAt: InstantMs;
};

/** What a player's log says: one composition of a film played once. */
export type Play = {
  readonly id: string;
  readonly screenId: string;
  /** Null where the composition is of no film that the network knows. */
  readonly filmId: string | null;
  readonly startedAt: InstantMs;
  readonly endedAt: InstantMs;
};

/** What the till says of one session. */
export type Takings = {
  readonly id: string;
  readonly screenId: string;
  readonly filmId: string;
  readonly startsAt: InstantMs;
  readonly admissions: number;
  readonly grossFen: Fen;
};

/** When a screen could open a film. */
export type KeyWindow = {
  readonly screenId: string;
  readonly filmId: string;
  readonly notBefore: InstantMs;
  readonly notAfter: InstantMs;
};

/** A screen as the register knows it. */
export type Screen = {
  readonly id: string;
  /** Null where the register does not say. */
  readonly seats: number | null;
  /** Minutes east of UTC of the cinema's clocks, for what is meant by night. */
  readonly offsetMinutes: number;
};

/** A film as far as its playbacks are judged. */
export type Film = {
  readonly id: string;
  readonly runtimeMs: number;
  /** Whether its package is encrypted; an open one needs no key. */
  readonly encrypted: boolean;
};

/** All that is known of some screens for some time. */
export type Evidence = {
  readonly screens: readonly Screen[];
  readonly films: readonly Film[];
  readonly shows: readonly PlannedShow[];
  readonly plays: readonly Play[];
  readonly takings: readonly Takings[];
  readonly windows: readonly KeyWindow[];
  /**
   * When a screen's log is whole. Elsewhere nothing is concluded from a play that is not there.
   */
  readonly logs: readonly LogSpan[];
  /**
   * When every session that a screen sold is known. Elsewhere nothing is concluded from tickets
   * that are not there. Undefined where all of the time is.
   */
  readonly reported?: readonly LogSpan[] | undefined;
  /** What screens of other cinemas sold, only to be compared with. */
  readonly elsewhere?: readonly Takings[] | undefined;
};

/** A time in which nothing is missing of what one source tells of a screen. */
export type LogSpan = {
  readonly screenId: string;
  readonly from: InstantMs;
  readonly until: InstantMs;
};

/** One session as all its sources tell it. At least one of them is there. */
export type Session = {
  readonly screenId: string;
  readonly filmId: string | null;
  readonly startsAt: InstantMs;
  readonly show: PlannedShow | undefined;
  readonly play: Play | undefined;
  readonly takings: Takings | undefined;
};
