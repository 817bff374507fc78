/** A virtual machine: a Debian, and how its kernel is started. */
export interface Machine {
  readonly name: string
  /** The suite of Debian that its userland comes from. The kernel is the same everywhere. */
  readonly debian: string
  /** The versions of systemd that it stands for, both included. */
  readonly systemd: readonly [from: number, to: number]
  readonly cgroup: 1 | 2
  /** Added to the kernel's command line. */
  readonly kernelOptions?: readonly string[]
}

/** Every machine, in the order in which they run. */
export const MACHINES: readonly Machine[] = [
  { name: 'debian-12', debian: 'bookworm', systemd: [252, 252], cgroup: 2 },
  {
    name: 'debian-12-v1',
    debian: 'bookworm',
    systemd: [252, 252],
    cgroup: 1,
    kernelOptions: [
      'systemd.unified_cgroup_hierarchy=0',
      'systemd.legacy_systemd_cgroup_controller=1',
    ],
  },
  { name: 'debian-13', debian: 'trixie', systemd: [257, 257], cgroup: 2 },
  // Whatever Debian serves when its image is built.
  { name: 'debian-sid', debian: 'sid', systemd: [258, Number.POSITIVE_INFINITY], cgroup: 2 },
]
