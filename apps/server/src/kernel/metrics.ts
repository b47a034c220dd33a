/** Numbers for Prometheus (text exposition format 0.0.4), kept in this process. */
export type Metrics = {
  request(method: string, status: number, seconds: number): void;
  /** Adds a family whose values are read when somebody asks. */
  gauge(name: string, help: string, read: ReadSamples): void;
  text(): Promise<string>;
};

export type Sample = { readonly labels?: Readonly<Record<string, string>>; readonly value: number };

export type ReadSamples = () => Promise<readonly Sample[]> | readonly Sample[];

const DURATION_BUCKETS = [0.005, 0.02, 0.1, 0.5, 2, 10];

type Family = { readonly help: string; readonly read: ReadSamples };

export function openMetrics(): Metrics {
  const requests = new Map<string, { labels: Record<string, string>; value: number }>();
  const buckets = DURATION_BUCKETS.map(() => 0);
  let count = 0;
  let sum = 0;
  const families = new Map<string, Family>();

  function durations(): string[] {
    const lines = [
      '# HELP yinglian_request_seconds Time to the answer.',
      '# TYPE yinglian_request_seconds histogram',
    ];
    DURATION_BUCKETS.forEach((limit, at) =>
      lines.push(`yinglian_request_seconds_bucket{le="${limit}"} ${buckets[at]}`),
    );
    lines.push(`yinglian_request_seconds_bucket{le="+Inf"} ${count}`);
    lines.push(`yinglian_request_seconds_sum ${sum}`, `yinglian_request_seconds_count ${count}`);
    return lines;
  }

  return {
    request(method, status, seconds) {
      const labels = { method, status: String(status) };
      const key = `${method} ${status}`;
      const entry = requests.get(key) ?? { labels, value: 0 };
      entry.value += 1;
      requests.set(key, entry);
      count += 1;
      sum += seconds;
      DURATION_BUCKETS.forEach((limit, at) => {
        if (seconds <= limit) buckets[at] = (buckets[at] ?? 0) + 1;
      });
    },
    gauge: (name, help, read) => void families.set(name, { help, read }),
    async text() {
      const lines = family('yinglian_requests_total', 'counter', 'Answers by status.', [
        ...requests.values(),
      ]);
      lines.push(...durations());
      for (const [name, { help, read }] of families) {
        lines.push(...family(name, 'gauge', help, await read()));
      }
      return `${lines.join('\n')}\n`;
    },
  };
}

function family(name: string, type: string, help: string, samples: readonly Sample[]): string[] {
  const told = help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
  const lines = [`# HELP ${name} ${told}`, `# TYPE ${name} ${type}`];
  for (const { labels = {}, value } of samples) {
    const text = Object.entries(labels)
      .map(([label, each]) => `${label}="${escaped(each)}"`)
      .join(',');
    lines.push(`${name}${text === '' ? '' : `{${text}}`} ${value}`);
  }
  return lines;
}

/** The three characters that the format writes otherwise inside a label. */
function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
