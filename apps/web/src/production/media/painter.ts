import type { VideoSample } from 'mediabunny';
import type { Picture } from './picture.ts';

/** Paints the frames that are asked for on a canvas; of many wishes only the last counts. */
export type Painter = {
  /** Resolves when this frame, or a later wish, is on the canvas. */
  show(frame: number): Promise<void>;
  /** Paints a frame that somebody else has decoded. */
  put(frame: number, sample: VideoSample): void;
  /** The number of the painted frame; undefined before the first. */
  readonly painted: number | undefined;
  close(): void;
};

/** The frame on a canvas is told in `data-frame`, for whoever draws over it. */
export function createPainter(
  canvas: HTMLCanvasElement,
  picture: Picture,
  onPainted: (frame: number) => void = () => {},
): Painter {
  const surface = canvas.getContext('2d', { alpha: false });
  let wanted: number | undefined;
  let painted: number | undefined;
  let working: Promise<void> | undefined;
  let isClosed = false;

  async function work(): Promise<void> {
    while (!isClosed && wanted !== undefined && wanted !== painted) {
      const number = wanted;
      const sample = await picture.frame(number);
      if (sample === null) {
        if (wanted === number) wanted = undefined;
        continue;
      }
      put(number, sample);
      sample.close();
    }
  }

  function put(number: number, sample: VideoSample): void {
    if (isClosed || surface === null) return;
    draw(surface, sample);
    painted = number;
    canvas.dataset['frame'] = String(number);
    onPainted(number);
  }

  return {
    put,
    get painted() {
      return painted;
    },
    show(frame) {
      wanted = frame;
      working ??= work().finally(() => {
        working = undefined;
      });
      return working;
    },
    close() {
      isClosed = true;
      picture.close();
    },
  };
}

/** Draws a frame in its own size; the page scales the canvas as it scales the video. */
export function draw(surface: CanvasRenderingContext2D, sample: VideoSample): void {
  const { canvas } = surface;
  if (canvas.width !== sample.displayWidth) canvas.width = sample.displayWidth;
  if (canvas.height !== sample.displayHeight) canvas.height = sample.displayHeight;
  sample.draw(surface, 0, 0);
}
