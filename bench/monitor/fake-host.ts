import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { KernelFiles } from '../../packages/psi-monitor/src/kernel/kernel-files.ts'

/** The cgroup of a service under systemd, two levels below the root of cgroup v2. */
export const SERVICE = '/sys/fs/cgroup/system.slice/worker.service'

export const LIMIT_BYTES = 512 * 2 ** 20

/** The keys of `memory.stat` in the order of Linux 6.12; those that matter stand among many. */
const STAT_KEYS =
  'anon file kernel kernel_stack pagetables sec_pagetables percpu sock vmalloc shmem zswap zswapped file_mapped file_dirty file_writeback swapcached anon_thp file_thp shmem_thp inactive_anon active_anon inactive_file active_file unevictable slab_reclaimable slab_unreclaimable slab workingset_refault_anon workingset_refault_file workingset_activate_anon workingset_activate_file workingset_restore_anon workingset_restore_file workingset_nodereclaim pswpin pswpout pgscan pgsteal pgscan_kswapd pgscan_direct pgscan_khugepaged pgsteal_kswapd pgsteal_direct pgsteal_khugepaged pgfault pgmajfault pgrefill pgactivate pgdeactivate pglazyfree pglazyfreed swpin_zero swpout_zero zswpin zswpout zswpwb thp_fault_alloc thp_collapse_alloc thp_swpout thp_swpout_fallback'

const stalls = 'avg10=0.00 avg60=0.00 avg300=0.00 total=12345678'
const PRESSURE = `some ${stalls}\nfull ${stalls}\n`

/** `memory.events`, with so many `high`. */
export const eventsText = (high: number): string =>
  `low 0\nhigh ${high}\nmax 0\noom 0\noom_kill 0\noom_group_kill 0\n`

/** The files of a host with cgroup v2 whose service uses a share of its limit. */
export function hostFiles(share: number): Record<string, string> {
  const bytes = Math.round(LIMIT_BYTES * share)
  const stat = STAT_KEYS.split(' ').map(
    (key) => `${key} ${key.endsWith('_file') ? 8_388_608 : 123_456}`,
  )
  return {
    '/proc/self/mountinfo':
      '30 22 0:26 / /sys/fs/cgroup rw,nosuid,nodev,noexec,relatime shared:9 - cgroup2 cgroup2 rw,nsdelegate\n',
    '/proc/self/cgroup': '0::/system.slice/worker.service\n',
    '/proc/self/status':
      'Name:\tnode\nVmRSS:\t   61440 kB\nRssAnon:\t   20480 kB\nRssFile:\t   40960 kB\nRssShmem:\t       0 kB\nVmSwap:\t       0 kB\n',
    '/proc/pressure/memory': PRESSURE,
    [`${SERVICE}/cgroup.events`]: 'populated 1\nfrozen 0\n',
    [`${SERVICE}/memory.current`]: `${bytes + 2 * 8_388_608}\n`,
    [`${SERVICE}/memory.stat`]: `${stat.join('\n')}\n`,
    [`${SERVICE}/memory.max`]: `${LIMIT_BYTES}\n`,
    [`${SERVICE}/memory.high`]: 'max\n',
    [`${SERVICE}/memory.events`]: eventsText(0),
    [`${SERVICE}/memory.events.local`]: eventsText(0),
    [`${SERVICE}/memory.pressure`]: PRESSURE,
    '/sys/fs/cgroup/system.slice/memory.max': 'max\n',
    '/sys/fs/cgroup/system.slice/memory.high': 'max\n',
  }
}

/** Writes the files below a directory, for the option `root`. */
export function writeHost(root: string, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    const at = join(root, path)
    mkdirSync(dirname(at), { recursive: true })
    writeFileSync(at, text)
  }
}

/** The same files without any system call: what remains is our own code. */
export function literalFiles(files: Readonly<Record<string, string>>): KernelFiles {
  const textAt = (path: string) => {
    const text = files[path]
    if (text === undefined) throw Object.assign(new Error(`ENOENT: ${path}`), { code: 'ENOENT' })
    return text
  }
  const refuse = () => {
    throw Object.assign(new Error('EINVAL'), { code: 'EINVAL' })
  }
  return {
    open: (path) => {
      const text = textAt(path)
      return { read: () => text, close: () => {} }
    },
    readText: textAt,
    kindOf: (path) => {
      if (Object.keys(files).some((file) => file.startsWith(`${path}/`))) return 'directory'
      textAt(path)
      return 'cgroup2'
    },
    watch: () => () => {},
    arm: refuse,
    listen: refuse,
  }
}
