import type { VideoSample, VideoSampleSink } from 'mediabunny';

/** Frames one by one, from a decoder that stays open between them. */
export type FrameDecoder = {
  /** The frame that is shown at a moment; null before the first. The caller closes it. */
  at(seconds: number): Promise<VideoSample | null>;
  close(): void;
};

/**
 * Opening a decoder takes longer than decoding a frame. The library keeps one open for a row of
 * moments, and decodes a moment once it knows that the next one lies elsewhere: so each moment is
 * followed by one before the film, where there is nothing, which makes it come out at once.
 */
export function openFrameDecoder(sink: VideoSampleSink, firstSeconds: number): FrameDecoder {
  const nowhere = firstSeconds - 1;
  let moments = openMoments();
  let samples = sink.samplesAtTimestamps(moments.all());
  /** The nothing after the last frame, and the last wish: one is worked on at a time. */
  let nothing: Promise<unknown> = Promise.resolve();
  let last: Promise<unknown> = Promise.resolve();
  let isClosed = false;

  function reopen(): void {
    moments.end();
    moments = openMoments();
    samples = sink.samplesAtTimestamps(moments.all());
  }

  async function decode(seconds: number): Promise<VideoSample | null> {
    await nothing;
    // A packet that cannot be decoded ends a row; the frames of the others are still to be had.
    for (let attempt = 0; attempt < 2 && !isClosed; attempt++) {
      moments.add(seconds, nowhere);
      try {
        const { value, done } = await samples.next();
        if (done !== true) {
          nothing = samples.next().catch(() => undefined);
          return value;
        }
      } catch (fault) {
        if (isClosed) return null;
        reopen();
        throw fault;
      }
      reopen();
    }
    return null;
  }

  return {
    at(seconds) {
      const made = last.then(() => decode(seconds));
      last = made.catch(() => undefined);
      return made;
    },
    close() {
      isClosed = true;
      moments.end();
      void samples.return(undefined).catch(() => undefined);
    },
  };
}

/** Moments that are asked for as time goes by. */
function openMoments() {
  const waiting: number[] = [];
  let wake = () => {};
  let isOver = false;
  return {
    add(...seconds: number[]) {
      waiting.push(...seconds);
      wake();
    },
    end() {
      isOver = true;
      wake();
    },
    async *all(): AsyncGenerator<number, void, unknown> {
      while (!isOver) {
        const next = waiting.shift();
        if (next !== undefined) yield next;
        else await new Promise<void>((resolve) => void (wake = resolve));
      }
    },
  };
}
