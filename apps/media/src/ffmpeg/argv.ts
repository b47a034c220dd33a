import { INPUT_OPTIONS, type Options, type Plan, type PlanInput } from '../plan.ts';

/** `-name value` for each; a suffix names the stream that is meant. */
function flags(options: Options, suffix = ''): string[] {
  return Object.entries(options).flatMap(([name, value]) => [`-${name}${suffix}`, value]);
}

function inputArguments(input: PlanInput): string[] {
  return [
    ...flags({ ...INPUT_OPTIONS, ...input.options }),
    // The plan turns pictures itself; both implementations must see them alike.
    '-noautorotate',
    '-guess_layout_max',
    '2',
    ...(input.format === undefined ? [] : ['-f', input.format]),
    ...(input.seekSeconds === undefined ? [] : ['-ss', input.seekSeconds]),
    '-i',
    input.url,
  ];
}

/** A plan as the arguments of the `ffmpeg` program. */
export function planArguments(plan: Plan): string[] {
  const outputs = plan.outputs.flatMap((output) => {
    const seen = { video: 0, audio: 0 };
    const streams = output.streams.flatMap((stream) => {
      const kind = stream.kind === 'video' ? 'v' : 'a';
      const suffix = `:${kind}:${seen[stream.kind]++}`;
      return [
        '-map',
        `[${stream.label}]`,
        `-c${suffix}`,
        stream.codec,
        ...flags(stream.options, suffix),
        ...(stream.kind === 'video' ? [`-fps_mode${suffix}`, 'passthrough'] : []),
        ...(stream.frameLimit === undefined ? [] : [`-frames${suffix}`, String(stream.frameLimit)]),
      ];
    });
    const metadata = Object.entries(output.metadata).flatMap(([key, value]) => [
      '-metadata',
      `${key}=${value}`,
    ]);
    return [...streams, ...metadata, ...flags(output.options), '-f', output.format, output.url];
  });
  const general = '-hide_banner -nostats -y -loglevel repeat+level+error';
  const reports = '-progress pipe:1 -stats_period 0.25';
  return [
    ...`${general} ${reports}`.split(' '),
    ...plan.inputs.flatMap(inputArguments),
    '-filter_complex',
    plan.graph,
    '-max_muxing_queue_size',
    '4096',
    ...outputs,
  ];
}

/** Arguments of `ffprobe` for the streams, and for the first picture of the stream `index`. */
export function probeArguments(input: PlanInput, what: 'streams' | 'packets' | number): string[] {
  const common = [
    '-v',
    'level+error',
    '-of',
    'json',
    ...flags({ ...INPUT_OPTIONS, ...input.options }),
  ];
  const format = input.format === undefined ? [] : ['-f', input.format];
  const ask =
    what === 'streams'
      ? ['-show_format', '-show_streams']
      : what === 'packets'
        ? ['-count_packets', '-show_entries', 'stream=index,nb_read_packets']
        : ['-select_streams', String(what), '-show_frames', '-read_intervals', '%+#1'];
  return [...common, ...format, ...ask, '-i', input.url];
}
