import { finding } from '@yinglian/core';
import { webStream } from '../objects/web-stream.ts';
import { Refusal } from '../refusal.ts';

export type Pace = {
  readonly withinMs: number;
  /** Least bytes in each span of `withinMs`; the end of the body always suffices. */
  readonly leastBytes: number;
};

/** A body that ends with a refusal when it only trickles; what came before is its reader's. */
export function paced(body: ReadableStream<Uint8Array>, pace: Pace): ReadableStream<Uint8Array> {
  return webStream(chunks(body, pace));
}

async function* chunks(
  body: ReadableStream<Uint8Array>,
  { withinMs, leastBytes }: Pace,
): AsyncGenerator<Uint8Array> {
  const reader = body.getReader();
  let began = performance.now();
  let receivedBytes = 0;
  let whole = false;
  try {
    let reading = reader.read();
    for (;;) {
      const next = await within(reading, began + withinMs - performance.now());
      if (next === undefined) {
        if (receivedBytes < leastBytes) throw tooSlow(withinMs, receivedBytes);
        began = performance.now();
        receivedBytes = 0;
        continue;
      }
      if (next.done) {
        whole = true;
        return;
      }
      receivedBytes += next.value.length;
      yield next.value;
      reading = reader.read();
    }
  } finally {
    // The rest is not wanted; that it cannot be had concerns nobody.
    if (!whole) void reader.cancel().catch(() => {});
  }
}

/** The value, or undefined when it takes longer. */
async function within<Value>(value: Promise<Value>, ms: number): Promise<Value | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), Math.max(0, ms));
  });
  try {
    return await Promise.race([value, late]);
  } finally {
    clearTimeout(timer);
  }
}

function tooSlow(withinMs: number, receivedBytes: number): Refusal {
  const facts = { seconds: Math.ceil(withinMs / 1000), receivedBytes };
  return new Refusal('invalid', { findings: [finding('slow_body', 'error', { facts })] });
}
