// Arms the kernel's own trigger in the memory.pressure of each cgroup, and prints when one fires.
import { openSync, readFileSync, watch, writeSync } from 'node:fs'

const say = (line: object): void => void process.stdout.write(`${JSON.stringify(line)}\n`)
const nowMs = () => Number(process.hrtime.bigint()) / 1e6

/** NaN when the cgroup is gone. */
function stalledMs(path: string): number {
  try {
    return Number(/^some .*total=(\d+)$/m.exec(readFileSync(path, 'utf8'))?.[1]) / 1000
  } catch {
    return Number.NaN
  }
}

const cgroups = process.argv.slice(2)
const paths = cgroups.map((cgroup) => `${cgroup}/memory.pressure`)
for (const path of paths) writeSync(openSync(path, 'r+'), 'some 200000 2000000\0')

// Our own writes are events of the files, too.
setTimeout(() => {
  for (const [index, path] of paths.entries()) {
    const beforeMs = stalledMs(path)
    watch(path).once('change', () => {
      const firedMs = nowMs()
      say({ fired: cgroups[index], firedMs, stalledMs: stalledMs(path) - beforeMs })
    })
  }
  say({ armed: cgroups })
}, 100)
