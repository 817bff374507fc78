import { spawn, spawnSync } from 'node:child_process'
import { createInterface } from 'node:readline'

/** A manager's socket: an independent process that receives what a worker sends. */
export interface Datagrams {
  /** The next one. */
  readonly next: () => Promise<string>
  readonly close: () => Promise<void>
}

const SCRIPT = `
$| = 1;
socket(my $socket, PF_UNIX, SOCK_DGRAM, 0) or die;
bind($socket, sockaddr_un($ARGV[0] =~ /^@/ ? "\\0" . substr($ARGV[0], 1) : $ARGV[0])) or die $!;
print "\\n";
while (defined recv($socket, my $text, 65536, 0)) { print unpack("H*", $text), "\\n" }
`

/** Why datagrams cannot be received here; undefined where they can. */
export const noDatagrams: string | undefined =
  spawnSync('perl', ['-MSocket', '-e', '1']).status === 0 ? undefined : 'no perl'

/** Binds a socket of AF_UNIX to a path, or to an abstract name with a leading `@`. */
export async function receiveDatagrams(address: string): Promise<Datagrams> {
  const child = spawn('perl', ['-MSocket', '-e', SCRIPT, address], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = new Promise((resolve) => child.once('close', resolve))
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const line = async () => {
    const { done, value } = await lines.next()
    if (done === true) throw new Error('The receiver has ended')
    return value
  }
  await line()
  return {
    next: async () => Buffer.from(await line(), 'hex').toString(),
    close: async () => {
      child.kill('SIGKILL')
      await ended
    },
  }
}
