import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

/** What a machine is started with. */
export interface Boot {
  readonly kernel: string
  /** Written to a scratch copy, so that several machines can share one and none leaves a trace. */
  readonly systemDisk: string
  readonly programsDisk: string
  /** Words for the kernel's command line. */
  readonly options: readonly string[]
  /** Where the console goes. */
  readonly console: string
}

// Emulated throughout, for nested virtualization is not to be had everywhere.
const HARDWARE =
  '-machine q35 -accel tcg,thread=multi -cpu max -smp 2 -m 1024 -display none -monitor none -nic none -no-reboot'

// Asked what it can do, a console that is no terminal never answers; `dumb` keeps systemd from asking.
const KERNEL_OPTIONS = 'console=ttyS0 root=/dev/nvme0n1 rw psi=1 panic=-1 quiet TERM=dumb'

function drive(id: string, file: string, more: string): readonly string[] {
  const source = `id=${id},if=none,format=raw,file=${file},${more}`
  return ['-drive', source, '-device', `nvme,drive=${id},serial=${id}`]
}

/** Runs a machine until it powers off; calls `onLine` for each line of its second serial port. */
export async function boot(
  machine: Boot,
  onLine: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const args = [
    ...HARDWARE.split(' '),
    ...drive('system', machine.systemDisk, 'snapshot=on'),
    ...drive('programs', machine.programsDisk, 'readonly=on'),
    '-kernel',
    machine.kernel,
    '-append',
    [KERNEL_OPTIONS, ...machine.options].join(' '),
    '-serial',
    `file:${machine.console}`,
    '-serial',
    'stdio',
  ]
  const qemu = spawn('qemu-system-x86_64', args, { stdio: ['ignore', 'pipe', 'pipe'], signal })
  let stderr = ''
  qemu.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  createInterface({ input: qemu.stdout }).on('line', onLine)
  const [code, killedBy] = (await once(qemu, 'close')) as [number | null, string | null]
  if (code === 0) return
  throw new Error(stderr.trim() || `QEMU ended with ${killedBy ?? `exit code ${code}`}`)
}
