import type { Picture } from './picture.ts';

/** What the player needs of a video element; a file that no element plays offers the same. */
export type PlayedMedia = Pick<
  HTMLVideoElement,
  | 'currentTime'
  | 'playbackRate'
  | 'play'
  | 'pause'
  | 'requestVideoFrameCallback'
  | 'cancelVideoFrameCallback'
> & {
  addEventListener(type: 'ended', listener: () => void): void;
  removeEventListener(type: 'ended', listener: () => void): void;
};

/** A frame this late is passed over, so that the film keeps its pace. */
const LATE_FRAMES = 1.5;

/**
 * Plays pictures that the page decodes itself (ProRes, which no browser plays) at the pace of the
 * clock. Sound is the business of the proxy, which is there when people listen.
 */
export class DecodedMedia extends EventTarget {
  playbackRate = 1;
  readonly #picture: Picture;
  readonly #framesPerSecond: number;
  readonly #paint: (frame: number, sample: Parameters<Picture['numberOf']>[0]) => void;
  readonly #callbacks = new Map<number, VideoFrameRequestCallback>();
  #seconds = 0;
  #handles = 0;
  /** Grows with every start and stop; a run that is not the latest ends. */
  #run = 0;

  constructor(
    picture: Picture,
    framesPerSecond: number,
    paint: (frame: number, sample: Parameters<Picture['numberOf']>[0]) => void,
  ) {
    super();
    this.#picture = picture;
    this.#framesPerSecond = framesPerSecond;
    this.#paint = paint;
  }

  get currentTime(): number {
    return this.#seconds;
  }

  set currentTime(seconds: number) {
    this.#seconds = seconds;
  }

  async play(): Promise<void> {
    this.#run += 1;
    void this.#go(this.#run).catch(() => this.dispatchEvent(new Event('ended')));
  }

  pause(): void {
    this.#run += 1;
  }

  requestVideoFrameCallback(callback: VideoFrameRequestCallback): number {
    this.#handles += 1;
    this.#callbacks.set(this.#handles, callback);
    return this.#handles;
  }

  cancelVideoFrameCallback(handle: number): void {
    this.#callbacks.delete(handle);
  }

  async #go(run: number): Promise<void> {
    const first = Math.floor(this.#seconds * this.#framesPerSecond);
    const rate = this.#framesPerSecond * this.playbackRate;
    const began = performance.now();
    for await (const sample of this.#picture.from(first)) {
      const frame = this.#picture.numberOf(sample);
      try {
        const dueMs = began + ((frame - first) * 1000) / rate - performance.now();
        if (dueMs > 0) await new Promise((resolve) => setTimeout(resolve, dueMs));
        if (this.#run !== run) return;
        if (dueMs < (-LATE_FRAMES * 1000) / rate) continue;
        this.#paint(frame, sample);
        this.#tell(frame);
      } finally {
        sample.close();
      }
    }
    if (this.#run === run) this.dispatchEvent(new Event('ended'));
  }

  #tell(frame: number): void {
    this.#seconds = (frame + 0.5) / this.#framesPerSecond;
    const callbacks = [...this.#callbacks.values()];
    this.#callbacks.clear();
    const now = performance.now();
    const mediaTime = frame / this.#framesPerSecond;
    const metadata = { mediaTime, presentationTime: now, expectedDisplayTime: now };
    for (const call of callbacks) {
      call(now, { ...metadata, width: 0, height: 0, presentedFrames: 0 });
    }
  }
}
