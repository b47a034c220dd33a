import { jsonText } from '../write.ts';

/** Often enough that no proxy takes the line for dead. */
const HEARTBEAT_MS = 15_000;

/** Server-sent events. A slow reader holds back the source, not the memory. */
export function eventResponse(source: AsyncIterable<unknown>, signal: AbortSignal): Response {
  const encoder = new TextEncoder();
  const iterator = source[Symbol.asyncIterator]();
  let timer: NodeJS.Timeout | undefined;
  const body = new ReadableStream<Uint8Array>(
    {
      start(controller) {
        controller.enqueue(encoder.encode(': open\n\n'));
        timer = setInterval(() => {
          try {
            if ((controller.desiredSize ?? 0) > 0)
              controller.enqueue(encoder.encode(': alive\n\n'));
          } catch {
            clearInterval(timer);
          }
        }, HEARTBEAT_MS);
        timer.unref();
        signal.addEventListener(
          'abort',
          () => {
            clearInterval(timer);
            void iterator.return?.();
          },
          { once: true },
        );
      },
      async pull(controller) {
        const { value, done } = await iterator.next();
        if (done === true) {
          clearInterval(timer);
          controller.close();
        } else {
          controller.enqueue(encoder.encode(`data: ${jsonText(value)}\n\n`));
        }
      },
      async cancel() {
        clearInterval(timer);
        await iterator.return?.();
      },
    },
    { highWaterMark: 16 },
  );
  return new Response(body, {
    headers: {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    },
  });
}
