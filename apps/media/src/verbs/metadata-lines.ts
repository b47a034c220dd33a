const LINE_BYTES_MAX = 64 * 1024;

/** Reads what FFmpeg's `metadata=print` writes: a line per frame, then `key=value` lines. */
export class LineReader {
  private rest = '';
  private readonly onPair: (key: string, value: string, frameSeconds: number) => void;
  private frameSeconds = 0;

  constructor(onPair: (key: string, value: string, frameSeconds: number) => void) {
    this.onPair = onPair;
  }

  take(chunk: Uint8Array): void {
    const lines = (this.rest + Buffer.from(chunk).toString('latin1')).split('\n');
    this.rest = (lines.pop() ?? '').slice(-LINE_BYTES_MAX);
    for (const line of lines) this.line(line);
  }

  finish(): void {
    if (this.rest !== '') this.line(this.rest);
    this.rest = '';
  }

  private line(line: string): void {
    if (line.startsWith('frame:')) {
      this.frameSeconds = Number(/pts_time:(\S+)/.exec(line)?.[1] ?? this.frameSeconds);
      return;
    }
    const at = line.indexOf('=');
    if (at > 0) this.onPair(line.slice(0, at), line.slice(at + 1).trim(), this.frameSeconds);
  }
}
