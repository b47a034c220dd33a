// How parts measure: work and its limit are run in turns, so that a busy minute of the machine
// meets both, and the median of the turns is taken. Time is CPU time of this process: what waits
// costs nothing, and another program's load does not count.

/** CPU seconds of one call. */
export async function cpuSeconds(work) {
  return (await seconds(work)).cpu;
}

/** CPU and wall seconds of one call. */
export async function seconds(work) {
  const from = performance.now();
  const began = process.cpuUsage();
  await work();
  const used = process.cpuUsage(began);
  const wall = (performance.now() - from) / 1000;
  return { cpu: (used.user + used.system) / 1e6, wall };
}

/** The middle value; of an even number the lower one. */
export function median(values) {
  return values.toSorted((a, b) => a - b)[(values.length - 1) >> 1];
}

/** Median CPU seconds of each of several works, run in turns after one turn to warm up. */
export async function inTurns(works, turns = 5) {
  const used = works.map(() => []);
  for (let turn = 0; turn <= turns; turn++) {
    for (const [index, work] of works.entries()) {
      const cpu = await cpuSeconds(work);
      if (turn > 0) used[index].push(cpu);
    }
  }
  return used.map(median);
}

/** {@link inTurns} with both clocks: `{ cpu, wall }` of each work, the medians of the turns. */
export async function inTurnsBoth(works, turns = 5) {
  const clocks = works.map(() => ({ cpu: [], wall: [] }));
  for (let turn = 0; turn <= turns; turn++) {
    for (const [index, work] of works.entries()) {
      const used = await seconds(work);
      if (turn === 0) continue;
      clocks[index].cpu.push(used.cpu);
      clocks[index].wall.push(used.wall);
    }
  }
  return clocks.map(({ cpu, wall }) => ({ cpu: median(cpu), wall: median(wall) }));
}

/** Whether a module is the program that was started, and not imported by the table. */
export function isMain(meta) {
  return process.argv[1] !== undefined && meta.url === new URL(`file://${process.argv[1]}`).href;
}
