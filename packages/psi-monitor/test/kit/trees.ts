/** A line of `/proc/self/mountinfo` for a mount of cgroup v2. */
export const mountV2 = (mountPoint = '/sys/fs/cgroup', root = '/'): string =>
  `30 22 0:26 ${root} ${mountPoint} rw,nosuid,nodev,noexec,relatime shared:9 - cgroup2 cgroup2 rw,nsdelegate\n`

/** The same for v1's memory controller. */
export const mountV1Memory = (mountPoint = '/sys/fs/cgroup/memory', root = '/'): string =>
  `34 30 0:31 ${root} ${mountPoint} rw,nosuid,nodev,noexec,relatime shared:15 - cgroup cgroup rw,memory\n`

/** The text of a pressure file, from totals in microseconds. */
export const pressureText = (someUs: number | string, fullUs: number | string = 0): string =>
  `some avg10=0.00 avg60=0.00 avg300=0.00 total=${someUs}\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=${fullUs}\n`

/** The text of `memory.stat` of cgroup v2; other keys stand around those that matter. */
export const statText = (
  counters: Readonly<{
    anon?: number
    inactive_file?: number
    active_file?: number
    slab_reclaimable?: number
  }>,
): string => {
  const { anon = 0, inactive_file = 0, active_file = 0, slab_reclaimable = 0 } = counters
  return `anon ${anon}\nfile ${inactive_file + active_file}\nkernel 4096\ninactive_anon 0\nactive_anon ${anon}\ninactive_file ${inactive_file}\nactive_file ${active_file}\nunevictable 0\nslab_reclaimable ${slab_reclaimable}\nslab_unreclaimable 512\n`
}

/** The text of `memory.events`. */
export const eventsText = (
  counters: Readonly<{ high?: number; max?: number; oom?: number; oom_kill?: number }>,
): string => {
  const { high = 0, max = 0, oom = 0, oom_kill = 0 } = counters
  return `low 0\nhigh ${high}\nmax ${max}\noom ${oom}\noom_kill ${oom_kill}\noom_group_kill 0\n`
}

/** A service under systemd on cgroup v2, its memory limited to 1000 bytes by `memory.max`. */
export const SERVICE = '/sys/fs/cgroup/system.slice/worker.service'
export const serviceTree = (): Record<string, string> => ({
  '/proc/self/mountinfo': mountV2(),
  '/proc/self/cgroup': '0::/system.slice/worker.service\n',
  '/proc/self/status':
    'Name:\tnode\nVmRSS:\t     300 kB\nRssAnon:\t     200 kB\nRssFile:\t     100 kB\nRssShmem:\t       0 kB\nVmSwap:\t       0 kB\n',
  '/proc/pressure/memory': pressureText(0),
  [`${SERVICE}/cgroup.events`]: 'populated 1\nfrozen 0\n',
  [`${SERVICE}/memory.current`]: '500\n',
  [`${SERVICE}/memory.stat`]: statText({ anon: 300, inactive_file: 100 }),
  [`${SERVICE}/memory.max`]: '1000\n',
  [`${SERVICE}/memory.high`]: 'max\n',
  [`${SERVICE}/memory.events`]: eventsText({}),
  [`${SERVICE}/memory.events.local`]: eventsText({}),
  [`${SERVICE}/memory.pressure`]: pressureText(0),
  '/sys/fs/cgroup/system.slice/memory.max': 'max\n',
  '/sys/fs/cgroup/system.slice/memory.high': 'max\n',
})
