import { parseRatio } from '@yinglian/core';
import type { PictureArea, PictureStream } from '@yinglian/media';
import { CommandFault, EXIT } from '../kernel/exit-codes.ts';

const AREA = /^(\d{1,5})x(\d{1,5})\+(\d{1,5})\+(\d{1,5})$/;
/** A shape as width to height: `2.39`, `1.85`, `16:9`. */
const SHAPE = /^(\d{1,2}(?:\.\d{1,3})?)(?::(\d{1,2}(?:\.\d{1,3})?))?$/;

/**
 * What of a picture is taken: a rectangle in its pixels (`1920x800+0+140`), or the largest of a
 * shape about its centre (`2.39`). Sides and places are even, so that no colour shifts by half a
 * pixel.
 */
export function cropOf(
  text: string | undefined,
  picture: Pick<PictureStream, 'width' | 'height' | 'rotation' | 'pixelAspect'>,
): PictureArea | undefined {
  if (text === undefined) return undefined;
  const lying = picture.rotation === 90 || picture.rotation === 270;
  const [across, down] = lying ? [picture.height, picture.width] : [picture.width, picture.height];
  const given = AREA.exec(text);
  if (given !== null) {
    const [width, height, left, top] = given.slice(1).map(Number) as [
      number,
      number,
      number,
      number,
    ];
    const even = [width, height, left, top].every((each) => each % 2 === 0);
    const inside = left + width <= across && top + height <= down;
    if (even && inside && width > 0 && height > 0) return { width, height, left, top };
    throw wrong(text, `${across}x${down}`);
  }
  const shape = SHAPE.exec(text);
  const aspect = Number(shape?.[1] ?? 0) / Number(shape?.[2] ?? 1);
  if (!(aspect > 0 && Number.isFinite(aspect))) throw wrong(text, `${across}x${down}`);
  const pixel = parseRatio(picture.pixelAspect);
  const stretch = pixel === undefined ? 1 : Number(pixel.numerator) / Number(pixel.denominator);
  // Of pixels that are wider than high, fewer make the same shape.
  const wanted = aspect / (lying ? 1 / stretch : stretch);
  const wide = across / down > wanted;
  const width = wide ? even(down * wanted) : even(across);
  const height = wide ? even(down) : even(across / wanted);
  return { width, height, left: half(across - width), top: half(down - height) };
}

const even = (value: number) => Math.max(2, 2 * Math.floor((value + 0.5) / 2));
const half = (room: number) => 2 * Math.floor(room / 4);

function wrong(text: string, size: string): CommandFault {
  return new CommandFault(`--crop ${text}: 1920x800+0+140 | 2.39 (${size})`, EXIT.misused);
}
