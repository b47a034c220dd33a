// Loaded into every process of a test run by NODE_OPTIONS: what it writes to its standard output
// and its errors is written down too, so that the end of the run can look for keys in it.
import { appendFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';

const folder = process.env.YINGLIAN_TEST_TELLS;
const BYTES_MAX = 64 * 1024 * 1024;

if (folder !== undefined && existsSync(folder)) {
  const path = join(folder, `out-${process.pid}.log`);
  let written = 0;
  for (const stream of [process.stdout, process.stderr]) {
    const write = stream.write.bind(stream);
    stream.write = (chunk, ...rest) => {
      try {
        written += chunk?.length ?? 0;
        if (written < BYTES_MAX) appendFileSync(path, chunk);
      } catch {
        // A run that is over has no folder any more; what is said then nobody reads.
      }
      return write(chunk, ...rest);
    };
  }
}
