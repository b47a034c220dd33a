import type { CONFORMS, contract, OutputOf } from '@yinglian/contract';
import {
  compareRatio,
  finding,
  type Finding,
  formatRatio,
  parseRatio,
  type Ratio,
  ratio,
} from '@yinglian/core';
import { cinemaRate } from '@yinglian/dcp';

/** How a master's rate becomes a package's; one row a way, the best first. */
export type RateChoice = OutputOf<typeof contract.distribution.rates.result>['choices'][number];
export type Conform = (typeof CONFORMS)[number];

export type SourceRate = {
  /** Exact, `24000/1001`. */
  readonly frameRate: string;
  /** Pictures do not come evenly: a phone, a screen recording. */
  readonly variable: boolean;
};
export type RateRequest = {
  readonly standard: 'smpte' | 'interop';
  readonly resolution: '2k' | '4k';
  readonly conform?: Conform | undefined;
  readonly frameRate?: string | undefined;
};

/** Whole rates that some profile of RDD 52 7.2 or ST 428-11 takes. */
const CANDIDATES = ['24', '25', '30', '48', '50', '60'] as const;
/** 25 to 24 is done everywhere and heard by few; a larger change of pitch is heard by all. */
const SPEED_CHANGE_MAX = ratio(1n, 20n);
/** 1001/1000: nobody sees or hears it, so it needs no question. */
const UNSEEN_CHANGE_MAX = ratio(1n, 1000n);
const ONE = ratio(1n);

/** Every way a source may go into a package, the recommended one first. */
export function rateChoices(source: SourceRate, request: RateRequest): RateChoice[] {
  const sourceRate = parseRatio(source.frameRate);
  if (sourceRate === undefined || sourceRate.numerator <= 0n) return [];
  const fourK = request.resolution === '4k';
  const ways = CANDIDATES.flatMap((name) => {
    const rate = ratio(BigInt(name));
    const allowed = cinemaRate(rate, request.standard, fourK)?.speed;
    if (allowed === undefined || !sameRatio(allowed, ONE)) return [];
    return waysTo(rate, sourceRate, source.variable);
  });
  const sorted = ways.toSorted((a, b) => a.cost - b.cost);
  return sorted.map(({ choice }, index) => ({
    ...choice,
    everywhere: isEverywhere(choice.frameRate, fourK),
    recommended: index === 0,
  }));
}

type Way = {
  readonly cost: number;
  readonly choice: Omit<RateChoice, 'recommended' | 'everywhere'>;
};

/** Whether Bv2.1 has the rate, so that a package may claim it. */
export function isEverywhere(frameRate: string, fourK: boolean): boolean {
  const rate = parseRatio(frameRate);
  const plan = rate === undefined ? undefined : cinemaRate(rate, 'bv21', fourK);
  return plan !== undefined && sameRatio(plan.speed, ONE);
}

/** One rate of the package: kept, played faster or slower, or met by repeating pictures. */
function waysTo(rate: Ratio, source: Ratio, variable: boolean): Way[] {
  const speed = ratio(rate.numerator * source.denominator, rate.denominator * source.numerator);
  const change = changeOf(speed);
  const frameRate = formatRatio(rate);
  const far = Math.abs(Math.log(Number(speed.numerator) / Number(speed.denominator)));
  const repeat: Way = {
    cost: COST.repeat + far,
    choice: {
      conform: 'repeat',
      frameRate,
      speed: '1',
      unseen: variable && isWithin(change, UNSEEN_CHANGE_MAX),
    },
  };
  if (variable) return [repeat];
  if (sameRatio(speed, ONE)) {
    return [{ cost: 0, choice: { conform: 'keep', frameRate, speed: '1', unseen: true } }];
  }
  if (!isWithin(change, SPEED_CHANGE_MAX)) return [repeat];
  const unseen = isWithin(change, UNSEEN_CHANGE_MAX);
  const faster: Way = {
    cost: COST.speed + far,
    choice: { conform: 'speed', frameRate, speed: formatRatio(speed), unseen },
  };
  return [faster, repeat];
}

/** A change of speed is gentler on pictures than repeating some of them. */
const COST = { speed: 1, repeat: 2 } as const;

/**
 * The way that is taken: the one asked for by name, or, where nobody asked, the recommended one
 * if nobody can see or hear it. Undefined when somebody has to choose first.
 */
export function chosenRate(
  choices: readonly RateChoice[],
  request: RateRequest,
): RateChoice | undefined {
  const { conform, frameRate } = request;
  const fitting = choices.filter(
    (each) =>
      (conform === undefined || each.conform === conform) &&
      (frameRate === undefined || each.frameRate === frameRate),
  );
  if (conform !== undefined) return fitting[0];
  return fitting.find((each) => each.unseen);
}

/** Says which ways there are, where none of them is so gentle that it could be taken unasked. */
export function undecidedRate(rate: string, choices: readonly RateChoice[]): Finding {
  const ways = choices.map((each) => `${each.conform} ${each.frameRate}`).join(', ');
  return finding('unsupported_frame_rate', 'error', {
    facts: { rate, ways },
    at: { field: 'conform' },
    clause: 'RDD 52:2020 7.2',
  });
}

function changeOf(speed: Ratio): Ratio {
  const change = speed.numerator - speed.denominator;
  return ratio(change < 0n ? -change : change, speed.denominator);
}

function isWithin(change: Ratio, most: Ratio): boolean {
  return compareRatio(change, most) <= 0;
}

function sameRatio(a: Ratio, b: Ratio): boolean {
  return a.numerator === b.numerator && a.denominator === b.denominator;
}
