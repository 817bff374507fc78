import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { counter } from '../guest/counter.ts'
import type { GuestSuite } from '../suite.ts'

const MB = 2 ** 20

/** That each machine is what its name promises; what other suites build on. */
export const machine: GuestSuite = {
  name: 'machine',
  checks: [
    {
      name: 'has the systemd that it stands for',
      run: async ({ facts }) => {
        const [from, to] = facts.machine.systemd
        const { systemd, systemdVersion } = facts
        assert.ok(systemd >= from && systemd <= to, `expected ${from} to ${to}: ${systemdVersion}`)
        return systemdVersion
      },
    },
    {
      name: 'has the cgroup version that it stands for',
      run: async ({ facts }) => {
        assert.equal(facts.cgroup, facts.machine.cgroup)
        return `v${facts.cgroup}`
      },
    },
    {
      name: 'lets pressure be read',
      run: async () => {
        const text = readFileSync('/proc/pressure/memory', 'utf8')
        assert.match(text, /^some avg10=.*total=\d+\nfull avg10=.*total=\d+$/m)
        return text.split('\n')[0] ?? ''
      },
    },
    {
      name: 'enforces MemoryHigh and MemoryMax of a service',
      when: ({ cgroup }) => cgroup === 2 || 'cgroup v1 has memory.limit_in_bytes instead',
      run: async ({ start }) => {
        const service = await start({
          program: 'idle',
          properties: ['MemoryHigh=96M', 'MemoryMax=128M'],
        })
        await service.line('environment')
        assert.equal(service.read('memory.high'), String(96 * MB))
        assert.equal(service.read('memory.max'), String(128 * MB))
        return `memory.current ${Math.round(Number(service.read('memory.current')) / MB)} MB`
      },
    },
    {
      name: 'enforces MemoryMax of a service as memory.limit_in_bytes',
      when: ({ cgroup }) => cgroup === 1 || 'cgroup v2 has memory.max instead',
      run: async ({ start }) => {
        const service = await start({ program: 'idle', properties: ['MemoryMax=128M'] })
        await service.line('environment')
        assert.equal(service.read('memory.limit_in_bytes'), String(128 * MB))
        const usage = Number(service.read('memory.usage_in_bytes'))
        return `memory.usage_in_bytes ${Math.round(usage / MB)} MB`
      },
    },
    {
      name: 'kills a service that outgrows MemoryMax, and counts it',
      run: async ({ start, facts }) => {
        const before = counter('/proc/vmstat', 'oom_kill')
        const service = await start({ program: 'leak', properties: ['MemoryMax=96M'] })
        const result = await service.ended()
        assert.equal(counter('/proc/vmstat', 'oom_kill') - before, 1)
        // With cgroup v1, systemd cannot tell who sent the signal.
        assert.equal(result, facts.cgroup === 2 ? 'oom-kill' : 'signal')
        return `result ${result}`
      },
    },
    {
      name: 'tells a service where to watch its pressure',
      when: ({ systemd, cgroup }) =>
        (cgroup === 2 && systemd >= 254) || 'systemd does so since 254, with cgroup v2',
      run: async ({ start }) => {
        const service = await start({
          program: 'idle',
          properties: ['MemoryPressureWatch=on', 'MemoryPressureThresholdSec=150ms'],
        })
        const { environment } = (await service.line('environment')) as {
          environment: Record<string, string | undefined>
        }
        const watch = environment['MEMORY_PRESSURE_WATCH']
        assert.equal(watch, `${service.cgroup}/memory.pressure`)
        const write = Buffer.from(environment['MEMORY_PRESSURE_WRITE'] ?? '', 'base64').toString()
        assert.equal(write, 'some 150000 2000000\0')
        return `${watch}, ${write.slice(0, -1)}`
      },
    },
  ],
}
