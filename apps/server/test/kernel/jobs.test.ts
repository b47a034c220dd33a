import { finding } from '@yinglian/core';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Context } from '../../src/kernel/context.ts';
import { defineJob, type JobDefinition } from '../../src/kernel/jobs/definition.ts';
import type { Kernel } from '../../src/kernel/kernel.ts';
import { invalid } from '../../src/kernel/refusal.ts';
import { createTestServer, type TestPerson, type TestServer } from '../support/server.ts';

const input = z.object({ n: z.number() });
type Input = z.infer<typeof input>;

describe('jobs', () => {
  let server: TestServer;
  let person: TestPerson;
  let kernel: Kernel;
  let ran: string[] = [];
  let gate = newGate();

  const steps = defineJob({
    kind: 'test.steps',
    input,
    async run({ input: { n }, step, write, progress }) {
      const first = await step('first', async () => {
        ran.push('first');
        progress(0.5);
        return { doubled: n * 2, at: new Date(0) };
      });
      await write('second', async ({ audit }) => {
        ran.push('second');
        audit({ action: 'test.second', subjectKind: 'test', subjectId: String(n) });
      });
      return first;
    },
  });
  const flaky = defineJob({
    kind: 'test.flaky',
    input,
    retries: 1,
    async run({ step }) {
      await step('kept', async () => void ran.push('kept'));
      ran.push('try');
      if (ran.filter((each) => each === 'try').length === 1) throw new Error('the first time');
    },
  });
  const refusing = defineJob({
    kind: 'test.refusing',
    input,
    async run() {
      ran.push('refusing');
      throw invalid(finding('wrong_thing', 'error'));
    },
  });
  const waiting = defineJob({
    kind: 'test.waiting',
    input,
    async run({ signal, step }) {
      await step(
        'wait',
        () =>
          new Promise((resolve, reject) => {
            gate.open();
            signal.addEventListener('abort', () => reject(signal.reason));
          }),
      );
    },
  });

  beforeAll(async () => {
    server = await createTestServer({
      halls: (given) => {
        kernel = given;
        return [{ name: 'test', routes: [], jobs: [steps, flaky, refusing, waiting] }];
      },
    });
    person = await server.newOrganisation('producer');
  });
  afterAll(() => server.close());

  async function enqueue(job: JobDefinition<Input>, n: number, fail = false): Promise<string> {
    const context = await contextOf(person);
    return kernel.write(context, async (work) => {
      const id = await work.enqueue(job, { n });
      if (fail) throw new Error(id);
      return id;
    });
  }
  async function contextOf(who: TestPerson): Promise<Context> {
    const { organisationId } = who;
    return {
      user: { id: who.userId, name: '', email: '', operator: false },
      organisation: { id: organisationId, name: '', kind: 'producer', roles: ['owner'] },
      permissions: new Set(),
      requestId: 'test',
      signal: new AbortController().signal,
      idempotency: undefined,
    };
  }

  it('[KJ1] runs steps once, in order, and shows them with the result', async () => {
    ran = [];
    const job = await server.jobDone(person.client, await enqueue(steps, 21));
    expect(job).toMatchObject({
      state: 'done',
      progress: 1,
      result: { doubled: 42, at: '1970-01-01T00:00:00.000Z' },
      steps: [
        { code: 'first', state: 'done' },
        { code: 'second', state: 'done' },
      ],
    });
    expect(ran).toEqual(['first', 'second']);
  });

  it('[KJ2] begins no job whose transaction failed', async () => {
    ran = [];
    const id = await enqueue(steps, 1, true).catch((thrown: Error) => thrown.message);
    await server.jobDone(person.client, await enqueue(steps, 2));
    const refused = person.client.jobs.get({ params: { id } });
    await expect(refused).rejects.toMatchObject({ problem: { code: 'not_found' } });
    expect(ran).toEqual(['first', 'second']);
  });

  it('[KJ3] tries a fault again without repeating finished steps', async () => {
    ran = [];
    const job = await server.jobDone(person.client, await enqueue(flaky, 1));
    expect(job.state).toBe('done');
    expect(ran).toEqual(['kept', 'try', 'try']);
  });

  it('[KJ4] ends at a refusal with its findings, and runs again when asked', async () => {
    ran = [];
    const id = await enqueue(refusing, 1);
    const job = await server.jobDone(person.client, id);
    expect(job).toMatchObject({ state: 'failed', findings: [{ code: 'wrong_thing' }] });
    expect(ran).toEqual(['refusing']);
    await person.client.jobs.retry({ params: { id } });
    expect((await server.jobDone(person.client, id)).state).toBe('failed');
    expect(ran).toEqual(['refusing', 'refusing']);
  });

  it('[KJ5] cancels what runs and what waits', async () => {
    gate = newGate();
    const id = await enqueue(waiting, 1);
    await gate.opened;
    await person.client.jobs.cancel({ params: { id } });
    expect((await server.jobDone(person.client, id)).state).toBe('cancelled');
    const again = person.client.jobs.cancel({ params: { id } });
    await expect(again).rejects.toMatchObject({ problem: { code: 'conflict' } });
  });

  it('[KJ6] queues again what a dead server was running', async () => {
    ran = [];
    const id = await enqueue(steps, 5);
    await server.jobDone(person.client, id);
    // As a killed server leaves it: running, on an instance whose lock nobody holds.
    await sql`update kernel.job set state = 'running', instance = 999999 where id = ${id}`.execute(
      kernel.database,
    );
    const second = sql`where job_id = ${id} and code = 'second'`;
    await sql`update kernel.job_step set state = 'running' ${second}`.execute(kernel.database);
    const job = await server.jobDone(person.client, id);
    expect(job.state).toBe('done');
    expect(ran).toEqual(['first', 'second', 'second']);
  }, 40_000);

  it('[KJ7] shows progress live to its own organisation only', async () => {
    const other = await server.newOrganisation('circuit');
    const own = await listen(person);
    const foreign = await listen(other);
    const id = await enqueue(steps, 7);
    await own.until((text) => text.includes(`"id":"${id}"`) && text.includes('"state":"done"'));
    expect(foreign.text()).not.toContain(id);
    await own.close();
    await foreign.close();
  });

  async function listen(who: TestPerson) {
    const abort = new AbortController();
    const response = await who.send('/api/events', { signal: abort.signal });
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    const pump = (async () => {
      for (;;) {
        const { value, done } = await reader.read();
        if (done) return;
        text += value;
      }
    })().catch(() => {});
    return {
      text: () => text,
      async until(condition: (text: string) => boolean) {
        const deadline = Date.now() + 10_000;
        while (!condition(text)) {
          if (Date.now() > deadline) throw new Error(`never heard: ${text}`);
          await new Promise((resolve) => setTimeout(resolve, 10));
        }
      },
      async close() {
        abort.abort();
        await reader.cancel().catch(() => {});
        await pump;
      },
    };
  }
});

function newGate(): { opened: Promise<void>; open: () => void } {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => void (open = resolve));
  return { opened, open };
}
