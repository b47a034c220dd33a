/** Counts lowest and highest samples of interleaved 16-bit sound, stretch by stretch. */
export class PeakCounter {
  /** Samples of one channel seen so far. */
  samples = 0;
  private readonly channels: number;
  private readonly stretch: number;
  private readonly low: Int16Array;
  private readonly high: Int16Array;
  private readonly peaks: number[] = [];
  private readonly mix: number[] = [];
  private inStretch = 0;
  private channel = 0;
  private odd = -1;

  constructor(channels: number, stretch: number) {
    this.channels = channels;
    this.stretch = stretch;
    this.low = new Int16Array(channels);
    this.high = new Int16Array(channels);
    this.restart();
  }

  take(chunk: Uint8Array): void {
    let at = 0;
    if (this.odd >= 0 && chunk.length > 0) {
      this.sample(((this.odd | (chunk[at++]! << 8)) << 16) >> 16);
      this.odd = -1;
    }
    const pairsEnd = at + ((chunk.length - at) & ~1);
    for (; at < pairsEnd; at += 2) {
      this.sample(((chunk[at]! | (chunk[at + 1]! << 8)) << 16) >> 16);
    }
    if (at < chunk.length) this.odd = chunk[at]!;
  }

  private sample(value: number): void {
    const { channel } = this;
    if (value < this.low[channel]!) this.low[channel] = value;
    if (value > this.high[channel]!) this.high[channel] = value;
    if (++this.channel < this.channels) return;
    this.channel = 0;
    this.samples++;
    if (++this.inStretch === this.stretch) this.close();
  }

  private close(): void {
    let [lowest, highest] = [32_767, -32_768];
    for (let at = 0; at < this.channels; at++) {
      const [low, high] = [this.low[at]!, this.high[at]!];
      this.peaks.push(low, high);
      if (low < lowest) lowest = low;
      if (high > highest) highest = high;
    }
    this.mix.push(lowest, highest);
    this.restart();
  }

  private restart(): void {
    this.inStretch = 0;
    this.low.fill(32_767);
    this.high.fill(-32_768);
  }

  /** A last short stretch counts as one. Pairs of lowest and highest, channel after channel. */
  finish(): { length: number; perChannel: readonly number[]; overall: readonly number[] } {
    if (this.inStretch > 0) this.close();
    return { length: this.mix.length / 2, perChannel: this.peaks, overall: this.mix };
  }
}
