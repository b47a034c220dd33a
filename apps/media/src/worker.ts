/**
 * The process that holds FFmpeg. It is started once per job, speaks JSON with its parent, writes
 * bulk data to pipes, and is killed when it misbehaves. Nothing else imports node-av: the FFmpeg
 * inside that package is under the GPL (see README.md).
 */
import './node-av/polyfill.ts';
import { Codec, Filter, getFFmpegInfo, Log } from 'node-av/lib';
import { AV_LOG_QUIET } from 'node-av/constants';
import type { Listing, Reply, Request } from './messages.ts';
import { executePlan } from './node-av/execute.ts';
import { JobFault } from './node-av/faults.ts';
import { countPackets, inspect } from './node-av/inspect.ts';
import { openInput } from './node-av/open.ts';

Log.setLevel(AV_LOG_QUIET);

function reply(message: Reply): Promise<void> {
  return new Promise((resolve) => {
    process.send!(message, undefined, {}, () => resolve());
  });
}

async function answer(request: Request): Promise<void> {
  switch (request.type) {
    case 'list':
      return reply({ type: 'listing', value: list() });
    case 'probe': {
      const input = {
        url: request.url,
        options: request.options,
        ...(request.format === undefined ? {} : { format: request.format }),
      };
      const count = request.count ? () => countPackets(openInput(input)) : undefined;
      return reply({ type: 'probe', value: inspect(openInput(input), request.sizeBytes, count) });
    }
    case 'execute': {
      const value = await executePlan(request.plan, (progress) => {
        void reply({ type: 'progress', ...progress });
      });
      await reply({ type: 'execution', value });
      // The end of the process is the end of its pipes.
      process.exit(0);
    }
  }
}

function list(): Listing {
  const info = getFFmpegInfo();
  const codecs = Codec.getCodecList();
  const names = (all: readonly { readonly name: string | null }[]) =>
    [...new Set(all.flatMap((each) => (each.name === null ? [] : [each.name])))].sort();
  return {
    version: info.version,
    configuration: info.configuration,
    encoders: names(codecs.filter((each) => each.isEncoder())),
    decoders: names(codecs.filter((each) => each.isDecoder())),
    filters: names(Filter.getList()),
  };
}

process.on('message', (message) => {
  answer(message as Request).catch(async (fault: unknown) => {
    if (fault instanceof JobFault) {
      await reply({ type: 'fault', code: fault.code, facts: fault.facts });
      return;
    }
    const reason = fault instanceof Error ? fault.message : String(fault);
    await reply({ type: 'fault', code: 'failed_engine', facts: { reason } });
  });
});
process.on('disconnect', () => process.exit(0));
void reply({ type: 'ready' });
