import { assert, FRAME_RATES, type FrameRate, type Ratio, ratio } from '@yinglian/core';

/** Picture containers of D-cinema (DCSS 3.2.1, RDD 52 7.1). */
export const CONTAINERS = {
  flat_2k: { width: 1998, height: 1080, code: 'F' },
  scope_2k: { width: 2048, height: 858, code: 'S' },
  full_2k: { width: 2048, height: 1080, code: 'C' },
  flat_4k: { width: 3996, height: 2160, code: 'F' },
  scope_4k: { width: 4096, height: 1716, code: 'S' },
  full_4k: { width: 4096, height: 2160, code: 'C' },
} as const satisfies Record<string, { width: number; height: number; code: string }>;

/** A container by shape and resolution. */
export type ContainerName = keyof typeof CONTAINERS;

/** Whether a container is one of 4K. */
export function is4k(container: ContainerName): boolean {
  return container.endsWith('4k');
}

/** A rectangle in pixels. */
export type Area = {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
};

/** What to do with a source: cut `crop` out of it, scale that to `active`, black around it. */
export type Placement = {
  readonly container: ContainerName;
  readonly width: number;
  readonly height: number;
  readonly crop: Area;
  /** Where the picture lies in the container; the rest is black. */
  readonly active: Area;
};

/** How a picture is laid into a container. */
export type PlacementOptions = {
  /**
   * - `fit`: all of the picture, black at two sides where the shapes differ (the default);
   * - `fill`: all of the container, the picture cut where the shapes differ;
   * - `none`: no scaling; cut and padded about the centre.
   */
  readonly mode?: 'fit' | 'fill' | 'none';
  /** Width of a source pixel to its height; 1 unless told. */
  readonly pixelAspect?: Ratio;
};

/** Sizes and places are even, so that no chroma or wavelet phase shifts by half a pixel. */
export function placeInContainer(
  source: { readonly width: number; readonly height: number },
  container: ContainerName,
  options: PlacementOptions = {},
): Placement {
  assert(source.width > 0 && source.height > 0, 'a picture has a size');
  const { width, height } = CONTAINERS[container];
  const whole: Area = { left: 0, top: 0, width: source.width, height: source.height };
  const mode = options.mode ?? 'fit';
  if (mode === 'none') {
    const crop = centred(whole, Math.min(source.width, width), Math.min(source.height, height));
    const outer: Area = { left: 0, top: 0, width, height };
    return { container, width, height, crop, active: centred(outer, crop.width, crop.height) };
  }
  const aspect = options.pixelAspect ?? ratio(1);
  // Shapes as cross products of integers: no float decides which side is cut.
  const sourceWide = BigInt(source.width) * aspect.numerator * BigInt(height);
  const containerWide = BigInt(width) * aspect.denominator * BigInt(source.height);
  const outer: Area = { left: 0, top: 0, width, height };
  if (sourceWide === containerWide) return { container, width, height, crop: whole, active: outer };
  const wider = sourceWide > containerWide;
  if (mode === 'fit') {
    const active = wider
      ? centred(outer, width, even(divide(BigInt(height) * containerWide, sourceWide)))
      : centred(outer, even(divide(BigInt(width) * sourceWide, containerWide)), height);
    return { container, width, height, crop: whole, active };
  }
  const crop = wider
    ? centred(whole, even(divide(BigInt(source.width) * containerWide, sourceWide)), source.height)
    : centred(whole, source.width, even(divide(BigInt(source.height) * sourceWide, containerWide)));
  return { container, width, height, crop, active: outer };
}

/** Nearest whole number, at least 1. */
function divide(numerator: bigint, denominator: bigint): number {
  return Math.max(1, Number((numerator * 2n + denominator) / (denominator * 2n)));
}

function even(value: number): number {
  return Math.max(2, value - (value % 2));
}

function centred(outer: Area, width: number, height: number): Area {
  const offset = (room: number) => {
    const half = Math.floor(room / 2);
    return half - (half % 2);
  };
  return {
    left: outer.left + offset(outer.width - width),
    top: outer.top + offset(outer.height - height),
    width,
    height,
  };
}

/** The container that a picture of this shape loses least in: the smallest black area. */
export function suitableContainer(
  source: { readonly width: number; readonly height: number },
  options: { fourK?: boolean; pixelAspect?: Ratio } = {},
): ContainerName {
  const suffix = options.fourK === true ? '4k' : '2k';
  const names = [`flat_${suffix}`, `scope_${suffix}`] as const;
  const share = (name: ContainerName) => {
    const placed = placeInContainer(
      source,
      name,
      options.pixelAspect === undefined ? {} : { pixelAspect: options.pixelAspect },
    );
    return (placed.active.width * placed.active.height) / (placed.width * placed.height);
  };
  return share(names[1]) > share(names[0]) ? names[1] : names[0];
}

/** Lays one plane of the active area into a black plane of the container. */
export function padPlane<Plane extends Uint16Array | Int32Array>(
  plane: Plane,
  placement: Placement,
): Plane {
  const { width, height, active } = placement;
  assert(plane.length === active.width * active.height, 'a plane of the active area');
  const padded = new (plane.constructor as new (length: number) => Plane)(width * height);
  for (let row = 0; row < active.height; row++) {
    const line = plane.subarray(row * active.width, (row + 1) * active.width);
    padded.set(line as never, (active.top + row) * width + active.left);
  }
  return padded;
}

/** The rate a package gets for a source, and what that does to its speed. */
export type RatePlan = {
  readonly editRate: FrameRate;
  /** How much faster than the source the package plays: 1001/1000 for 23.976 to 24. */
  readonly speed: Ratio;
};

/** Rates of RDD 52 7.2, and those that ST 428-11 adds for players that take them. */
const RATES_BV21_2K = [FRAME_RATES['24'], FRAME_RATES['25'], FRAME_RATES['48']];
const RATES_ST428_11 = [...RATES_BV21_2K, FRAME_RATES['30'], FRAME_RATES['50'], FRAME_RATES['60']];

/**
 * The D-cinema rate for a source: itself where allowed, the whole rate next to a 1001 rate, and
 * otherwise undefined: other rates need a motion-compensated or pulled conversion first.
 */
export function cinemaRate(
  source: FrameRate,
  profile: 'bv21' | 'smpte' | 'interop',
  fourK = false,
): RatePlan | undefined {
  const allowed = fourK
    ? [FRAME_RATES['24']]
    : profile === 'bv21'
      ? RATES_BV21_2K
      : profile === 'smpte'
        ? RATES_ST428_11
        : [FRAME_RATES['24'], FRAME_RATES['48']];
  for (const editRate of allowed) {
    const speed = ratio(
      editRate.numerator * source.denominator,
      editRate.denominator * source.numerator,
    );
    if (speed.numerator === speed.denominator) return { editRate, speed };
    if (speed.numerator === 1001n && speed.denominator === 1000n) return { editRate, speed };
  }
  return undefined;
}
