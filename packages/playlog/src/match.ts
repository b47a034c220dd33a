import type { InstantMs, Uuid } from '@yinglian/core';
import { isWhole, type Playback } from './playback.ts';

/** A show that was announced and sold. */
export type Screening = {
  readonly id: string;
  /** As {@link Playback.device} names it. */
  readonly device: string;
  readonly startsAt: InstantMs;
  /** Compositions that count as the film; any unless told. */
  readonly compositionIds?: readonly Uuid[];
};

/** What the log says of a show. */
export type ScreeningProof = {
  readonly screening: Screening;
  readonly playback: Playback | undefined;
  /** Minutes the film began after the announced time; trailers stand before it. */
  readonly delayMinutes: number | undefined;
  /** `played` and proven, `unproven`, `broken` (stopped, or with faults), or `missing`. */
  readonly verdict: 'played' | 'unproven' | 'broken' | 'missing';
};

/** Shows with their proofs, and playbacks that no show was announced for. */
export type ScreeningMatch = {
  readonly screenings: readonly ScreeningProof[];
  readonly unannounced: readonly Playback[];
};

/** How far a film may begin from its announced time. */
export type MatchWindow = { readonly beforeMinutes: number; readonly afterMinutes: number };

/** Advertisements and trailers take up to half an hour; clocks of tills differ by minutes. */
export const MATCH_WINDOW: MatchWindow = Object.freeze({ beforeMinutes: 10, afterMinutes: 45 });

const MS_PER_MINUTE = 60_000;

/**
 * Joins shows with playbacks of the same device: the longest playback that begins within the window
 * and is of the film. Each playback proves one show at most.
 */
export function matchScreenings(
  screenings: readonly Screening[],
  playbacks: readonly Playback[],
  window: MatchWindow = MATCH_WINDOW,
): ScreeningMatch {
  const byDevice = new Map<string, Playback[]>();
  for (const playback of playbacks) {
    const known = byDevice.get(playback.device);
    if (known === undefined) byDevice.set(playback.device, [playback]);
    else known.push(playback);
  }
  const used = new Set<Playback>();
  const proofs = new Map<Screening, ScreeningProof>();
  for (const screening of [...screenings].sort((a, b) => a.startsAt - b.startsAt)) {
    const from = screening.startsAt - window.beforeMinutes * MS_PER_MINUTE;
    const until = screening.startsAt + window.afterMinutes * MS_PER_MINUTE;
    const fitting = (byDevice.get(screening.device) ?? []).filter(
      (each) =>
        !used.has(each) &&
        each.startedAt >= from &&
        each.startedAt <= until &&
        (screening.compositionIds?.includes(each.compositionId ?? '') ?? true),
    );
    const length = (each: Playback) => each.endedAt - each.startedAt;
    const playback = fitting.sort((a, b) => length(b) - length(a))[0];
    if (playback !== undefined) used.add(playback);
    proofs.set(screening, proofOf(screening, playback));
  }
  return {
    screenings: screenings.map((each) => proofs.get(each)!),
    unannounced: playbacks.filter((each) => !used.has(each)),
  };
}

function proofOf(screening: Screening, playback: Playback | undefined): ScreeningProof {
  if (playback === undefined) {
    return { screening, playback, delayMinutes: undefined, verdict: 'missing' };
  }
  const delayMinutes = Math.round((playback.startedAt - screening.startsAt) / MS_PER_MINUTE);
  const verdict = !isWhole(playback) ? 'broken' : playback.proven ? 'played' : 'unproven';
  return { screening, playback, delayMinutes, verdict };
}
