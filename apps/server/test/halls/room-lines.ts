import { join } from 'node:path';
import type { contract, InputOf } from '@yinglian/contract';
import { createMediaEngine } from '@yinglian/media';
import { expect } from 'vitest';
import type { TestPerson } from '../support/server.ts';

export type Drawing = NonNullable<InputOf<(typeof contract.production.addNote)['body']>['drawing']>;

export const arrow = (id: string): Drawing => ({
  shapes: [
    {
      id,
      kind: 'arrow',
      points: [
        [0.1, 0.2],
        [0.6, 0.7],
      ],
      colour: '#FF0000',
      width: 0.01,
    },
  ],
});
export const tokenOf = (address: string) => address.slice(address.indexOf('#') + 1);

/** A short film of colour bars in a folder. */
export async function renderBars(folder: string, name: string, frames: number): Promise<string> {
  const output = join(folder, name);
  const made = await createMediaEngine({ scratchFolder: folder }).render({
    verb: 'render',
    output,
    preset: 'h264-mp4',
    size: { width: 256, height: 144 },
    frameRate: '25',
    frames,
    title: name.slice(0, 8),
    channels: 0,
    programme: 'bars',
  });
  expect(made.ok).toBe(true);
  return output;
}

type Message =
  | { type: 'state'; state: { seq: number }; people: unknown[] }
  | { type: 'event'; event: { seq: number; act: { kind: string } } }
  | { type: 'people'; people: { organisation: string }[] }
  | { type: 'ink'; by: string; ink: { stroke: string } };
type Of<Kind> = Extract<Message, { type: Kind }>;

/** Server-sent events of a room, as a browser hears them. */
export async function listen(person: TestPerson, roomId: string) {
  const abort = new AbortController();
  const response = await person.send(`/api/production/review-rooms/${roomId}/events`, {
    signal: abort.signal,
  });
  expect(response.status).toBe(200);
  const messages: Message[] = [];
  let wake = (): void => {};
  void (async () => {
    let text = '';
    const decoder = new TextDecoder();
    for await (const chunk of response.body! as unknown as AsyncIterable<Uint8Array>) {
      text += decoder.decode(chunk, { stream: true });
      const parts = text.split('\n\n');
      text = parts.pop() ?? '';
      for (const each of parts) {
        if (each.startsWith('data: ')) messages.push(JSON.parse(each.slice(6)) as Message);
      }
      wake();
    }
  })().catch(() => {});
  async function until<Kind extends Message['type']>(
    kind: Kind,
    fits: (each: Of<Kind>) => boolean,
  ): Promise<Of<Kind>> {
    const deadline = Date.now() + 20_000;
    for (;;) {
      const at = messages.findIndex((each) => each.type === kind && fits(each as Of<Kind>));
      if (at >= 0) return messages.splice(0, at + 1).at(-1) as Of<Kind>;
      if (Date.now() > deadline) throw new Error(`no ${kind} came: ${JSON.stringify(messages)}`);
      await new Promise<void>((resolve) => {
        wake = resolve;
        setTimeout(resolve, 500);
      });
    }
  }
  return {
    until,
    next: <Kind extends Message['type']>(kind: Kind) => until(kind, () => true),
    close: () => abort.abort(),
  };
}
