import { assert } from '@yinglian/core';
import { createEngine, type Engine } from './engine.ts';
import { codeBlocks } from './block-coding.ts';
import { type BlockHelper, shareRequest } from './block-sharing.ts';
import type { Budget } from './coding-request.ts';
import { codeFrame, type CodedFrame, type Coding, measureFrame } from './frame-coder.ts';
import { areaOf } from './geometry.ts';
import type {
  CinemaFrame,
  CinemaOptions,
  EncodeOptions,
  Image,
  Progression,
  RateState,
} from './model.ts';
import { makePlan, type Plan, type PlanRequest } from './plan.ts';
import { HullStore, type RateCurve } from './rate-control.ts';
import { cinemaLimits, cinemaPlanRequest } from './cinema.ts';

/** Plans kept: an encoder sees one or two kinds of picture. */
const PLANS_MAX = 4;
const PRECINCT_LOG2_MAX = 15;
const LEVELS_DEFAULT = 5;
const BLOCK_SIDE_DEFAULT = 64;
const BASE_STEP_DEFAULT = 0.5;
const GUARD_BITS_DEFAULT = 2;
const WHOLE = 2 ** 32 - 1;

/** An encoder with its own memory, for one thread. */
export type Encoder = {
  /**
   * One digital cinema frame within its byte limits. The result depends on the picture and the
   * options alone, so frames may be coded by any number of encoders in any order.
   */
  encodeCinema(image: Image, options: CinemaOptions, state?: RateState): CinemaFrame;
  /**
   * The same bytes, with the coding of blocks done by helpers on other threads: for the latency of
   * one picture. An encoder codes one picture at a time: wait for it before the next call.
   */
  encodeCinemaShared(
    image: Image,
    options: CinemaOptions,
    helpers: readonly BlockHelper[],
  ): Promise<CinemaFrame>;
  /** What a frame would take at which slope: the first of two passes, see {@link sharedSlope}. */
  measureCinema(image: Image, options: CinemaOptions): RateCurve;
  /** Any picture; lossless by default. */
  encode(image: Image, options?: EncodeOptions): Uint8Array<ArrayBuffer>;
  /** The same bytes, by helpers as in {@link Encoder.encodeCinemaShared}. */
  encodeShared(
    image: Image,
    options: EncodeOptions,
    helpers: readonly BlockHelper[],
  ): Promise<Uint8Array<ArrayBuffer>>;
  /** Bytes of memory held by the kernels. */
  readonly memoryBytes: number;
};

/** An encoder with an engine of its own; rejects where WebAssembly does not exist. */
export async function createEncoder(): Promise<Encoder> {
  return new PlannedEncoder(await createEngine());
}

class PlannedEncoder implements Encoder {
  readonly #engine: Engine;
  readonly #hulls = new HullStore();
  readonly #plans = new Map<string, Plan>();
  /** Helpers are at work, and the memory of the engine is not free. */
  #isBusy = false;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  get memoryBytes(): number {
    return this.#engine.memoryBytes;
  }

  encodeCinema(image: Image, options: CinemaOptions, _state?: RateState): CinemaFrame {
    return cinemaFrameOf(this.#run(this.#cinema(image, options)));
  }

  async encodeCinemaShared(
    image: Image,
    options: CinemaOptions,
    helpers: readonly BlockHelper[],
  ): Promise<CinemaFrame> {
    return cinemaFrameOf(await this.#share(this.#cinema(image, options), helpers));
  }

  measureCinema(image: Image, options: CinemaOptions): RateCurve {
    checkImage(image);
    const plan = this.#plan(cinemaPlanRequest(image, options));
    const budget = cinemaBudget(options);
    return this.#run(measureFrame(this.#engine, this.#hulls, image, plan, budget));
  }

  encode(image: Image, options: EncodeOptions = {}): Uint8Array<ArrayBuffer> {
    return this.#run(this.#general(image, options)).bytes;
  }

  async encodeShared(
    image: Image,
    options: EncodeOptions,
    helpers: readonly BlockHelper[],
  ): Promise<Uint8Array<ArrayBuffer>> {
    return (await this.#share(this.#general(image, options), helpers)).bytes;
  }

  #cinema(image: Image, options: CinemaOptions): Coding<CodedFrame> {
    checkImage(image);
    const plan = this.#plan(cinemaPlanRequest(image, options));
    return codeFrame(this.#engine, this.#hulls, image, plan, cinemaBudget(options));
  }

  #general(image: Image, options: EncodeOptions): Coding<CodedFrame> {
    checkImage(image);
    const plan = this.#plan(generalPlanRequest(image, options));
    return codeFrame(this.#engine, this.#hulls, image, plan, {
      layerBytes: options.layerBytes ?? [],
      ...(options.bytesMax === undefined ? {} : { totalBytes: options.bytesMax }),
      ...(options.psnrMax === undefined ? {} : { psnrMax: options.psnrMax }),
    });
  }

  #run<T>(coding: Coding<T>): T {
    assert(!this.#isBusy, 'an encoder codes one picture at a time');
    for (;;) {
      const next = coding.next();
      if (next.done === true) return next.value;
      codeBlocks(next.value);
    }
  }

  async #share<T>(coding: Coding<T>, helpers: readonly BlockHelper[]): Promise<T> {
    assert(!this.#isBusy, 'an encoder codes one picture at a time');
    assert(helpers.length > 0, 'someone helps');
    this.#isBusy = true;
    try {
      for (;;) {
        const next = coding.next();
        if (next.done === true) return next.value;
        await shareRequest(next.value, helpers);
      }
    } finally {
      this.#isBusy = false;
    }
  }

  #plan(request: PlanRequest): Plan {
    const key = JSON.stringify(request);
    let plan = this.#plans.get(key);
    if (plan === undefined) {
      plan = makePlan(request);
      if (this.#plans.size >= PLANS_MAX) this.#plans.delete(this.#plans.keys().next().value!);
      this.#plans.set(key, plan);
    }
    return plan;
  }
}

function cinemaBudget(options: CinemaOptions): Budget {
  const limits = cinemaLimits(options);
  return {
    totalBytes: limits.frameBytes,
    componentBytes: limits.componentBytes,
    layerBytes: [],
    ...(options.psnrMax === undefined ? {} : { psnrMax: options.psnrMax }),
    ...(options.slopeLog2Min === undefined ? {} : { slopeLog2Min: options.slopeLog2Min }),
  };
}

function cinemaFrameOf(coded: CodedFrame): CinemaFrame {
  return {
    codestream: coded.bytes,
    state: { slopeLog2: Math.log2(coded.slope) },
    psnr: coded.psnr,
    curve: coded.curve,
    componentBytes: coded.componentBytes,
    statistics: coded.counts,
  };
}

/** Bits of a sample that the planes of 32-bit values carry through every transform. */
const BIT_DEPTH_MAX = 16;
const COMPONENTS_MAX = 4;
const SIDE_MAX = 16_384;

function checkImage(image: Image): void {
  const { width, height, bitDepth, components, subsampling } = image;
  const isSide = (side: number) => Number.isInteger(side) && side >= 1 && side <= SIDE_MAX;
  assert(isSide(width) && isSide(height), 'a picture has 1 to 16384 columns and rows');
  assert(bitDepth >= 1 && bitDepth <= BIT_DEPTH_MAX, 'samples have 1 to 16 bits');
  assert(components.length >= 1 && components.length <= COMPONENTS_MAX, '1 to 4 components');
  components.forEach((samples, index) => {
    const step = subsampling?.[index] ?? { x: 1, y: 1 };
    const wanted = Math.ceil(width / step.x) * Math.ceil(height / step.y);
    assert(samples.length === wanted, 'a component has one sample for each place');
  });
}

function generalPlanRequest(image: Image, options: EncodeOptions): PlanRequest {
  const { width, height, components } = image;
  const origin = options.origin ?? { x: 0, y: 0 };
  const tileOrigin = options.tileOrigin ?? { x: 0, y: 0 };
  const area = areaOf(origin.x, origin.y, origin.x + width, origin.y + height);
  const steps = components.map((_, index) => image.subsampling?.[index] ?? { x: 1, y: 1 });
  const plain = steps.slice(0, 3).every((step) => step.x === steps[0]!.x && step.y === steps[0]!.y);
  const colourTransform = options.colourTransform ?? (components.length >= 3 && plain);
  assert(!colourTransform || (components.length >= 3 && plain), 'three components alike (G.2)');
  const tileWidth = options.tileWidth ?? area.x1 - tileOrigin.x;
  const tileHeight = options.tileHeight ?? area.y1 - tileOrigin.y;
  assert(tileOrigin.x <= area.x0 && tileOrigin.x + tileWidth > area.x0, 'first tile holds (B-3)');
  assert(tileOrigin.y <= area.y0 && tileOrigin.y + tileHeight > area.y0, 'first tile holds (B-3)');
  const levels =
    options.levels ?? Math.min(LEVELS_DEFAULT, Math.floor(Math.log2(Math.min(width, height))));
  const precinct = (r: number) => {
    const given = options.precinctsLog2 ?? [PRECINCT_LOG2_MAX];
    const log2 = given[Math.min(r, given.length - 1)]!;
    return { widthLog2: log2, heightLog2: log2 };
  };
  const layers = (options.layerBytes?.length ?? 0) + 1;
  const reversible = options.reversible ?? true;
  return {
    area,
    tileOrigin,
    tileWidth: Math.min(tileWidth, WHOLE),
    tileHeight: Math.min(tileHeight, WHOLE),
    bitDepth: image.bitDepth,
    signed: image.signed === true,
    steps,
    coding: {
      levels,
      reversible,
      blockWidthLog2: Math.log2(options.blockWidth ?? BLOCK_SIDE_DEFAULT),
      blockHeightLog2: Math.log2(options.blockHeight ?? BLOCK_SIDE_DEFAULT),
      precincts: Array.from({ length: levels + 1 }, (_, r) => precinct(r)),
    },
    colourTransform,
    guardBits: options.guardBits ?? GUARD_BITS_DEFAULT,
    baseStep: options.baseStep ?? BASE_STEP_DEFAULT,
    layers,
    volumes: [wholeVolume(options.progression ?? 'LRCP', levels, components.length, layers)],
    partOf: options.tileParts ?? 'one',
    profile: 0,
    packetMarkers: options.packetMarkers ?? false,
  };
}

function wholeVolume(progression: Progression, levels: number, components: number, layers: number) {
  return {
    progression,
    resolutionStart: 0,
    resolutionEnd: levels + 1,
    componentStart: 0,
    componentEnd: components,
    layerEnd: layers,
  };
}
