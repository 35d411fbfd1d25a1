// Preloaded into every measured process, ours and the raw client alike: as the process ends, it writes what it used to the
// file that BENCH_USAGE names. CPU is user and system time of all its threads, in microseconds; memory is the peak, in KiB.
const { writeFileSync } = require('node:fs');

const file = process.env.BENCH_USAGE;
delete process.env.BENCH_USAGE;
process.on('exit', () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  writeFileSync(file, JSON.stringify({ cpu: userCPUTime + systemCPUTime, memory: maxRSS }));
});
