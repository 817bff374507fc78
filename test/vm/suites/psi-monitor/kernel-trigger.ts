import type { Context } from '../../guest/context.ts'

/** The kernel's own trigger as a process without privileges may use it, on a slice of its own. */
export interface KernelTrigger {
  /** The property of a service in whose stalls it fires. */
  readonly property: string
  /** When it fired, and at how much stall; undefined before. */
  readonly fired: () => { readonly firedMs: number; readonly stalledMs: number } | undefined
}

/**
 * Arms a trigger of 200 ms in 2 s on each slice, before there is anything to stall. They are not on
 * the cgroup of a worker, for whoever reads a file of pressure keeps the triggers in it from firing.
 */
export async function armKernelTriggers(
  { run, start }: Context,
  names: readonly string[],
): Promise<readonly KernelTrigger[]> {
  const slices = names.map((name) => `${name}.slice`)
  await run('systemctl', ['start', ...slices])
  const service = await start({
    program: 'kernel-trigger',
    args: slices.map((slice) => `/sys/fs/cgroup/${slice}`),
    properties: ['CapabilityBoundingSet=~CAP_SYS_RESOURCE'],
  })
  await service.line('armed')
  return slices.map((slice) => ({
    property: `Slice=${slice}`,
    fired: () => {
      const line = service.lines().find(({ fired }) => fired === `/sys/fs/cgroup/${slice}`)
      return line && { firedMs: Number(line['firedMs']), stalledMs: Number(line['stalledMs']) }
    },
  }))
}
