import { Dictionary, FormatContext, InputFormat } from 'node-av/lib';
import { AVERROR_DECODER_NOT_FOUND, AVERROR_INVALIDDATA } from 'node-av/constants';
import { INPUT_OPTIONS, type PlanInput } from '../plan.ts';
import { describeError, JobFault } from './faults.ts';

/** Opens an input and reads its streams; what cannot be read is the file's fault, not ours. */
export function openInput(input: PlanInput): FormatContext {
  const format = new FormatContext();
  const demuxer = input.format === undefined ? null : InputFormat.findInputFormat(input.format);
  if (input.format !== undefined && demuxer === null) {
    throw new JobFault('unsupported_codec', { codec: input.format });
  }
  const options = Dictionary.fromObject({ ...INPUT_OPTIONS, ...input.options });
  const opened = format.openInputSync(input.url, demuxer, options);
  if (opened < 0) throw unreadable(input, opened);
  const found = format.findStreamInfoSync(null);
  if (found < 0) throw unreadable(input, found);
  return format;
}

function unreadable(input: PlanInput, code: number): JobFault {
  const path = input.url.replace(/^file:/, '');
  if (code === AVERROR_DECODER_NOT_FOUND) return new JobFault('unsupported_codec', { codec: path });
  const reason = code === AVERROR_INVALIDDATA ? 'invalid data' : describeError(code);
  return new JobFault('unreadable_media', { path, reason });
}
