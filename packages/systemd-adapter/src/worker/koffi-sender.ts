/** Sends one datagram; throws when the manager does not take it. */
export type Send = (text: string) => void

const AF_UNIX = 1
const SOCK_DGRAM = 2
const SOCK_CLOEXEC = 0o2000000
const MSG_NOSIGNAL = 0x4000
/** A manager that does not listen must not hold up the event loop. */
const MSG_DONTWAIT = 0x40
/** `sun_path` of unix(7). */
const PATH_BYTES = 108

interface Koffi {
  readonly load: (library: null) => {
    readonly func: (prototype: string) => (...args: readonly unknown[]) => number
  }
  readonly errno: () => number
}

/**
 * The libc of this very process through koffi, where the application has installed it; Node.js has no
 * datagram sockets of AF_UNIX. Undefined where that is not to be had, for whatever reason.
 */
export async function koffiSender(socket: string): Promise<Send | undefined> {
  if (Buffer.byteLength(socket) >= PATH_BYTES) return undefined
  try {
    // A name in a variable: bundlers and type checkers leave an optional package alone.
    const name = 'koffi'
    const { default: koffi } = (await import(name)) as { readonly default: Koffi }
    return senderOf(koffi, addressOf(socket))
  } catch {
    return undefined
  }
}

function senderOf(koffi: Koffi, address: Buffer): Send | undefined {
  const libc = koffi.load(null)
  const open = libc.func('int socket(int, int, int)')
  const sendTo = libc.func('intptr_t sendto(int, void*, size_t, int, void*, uint32_t)')
  const fd = open(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)
  if (fd < 0) return undefined
  return (text) => {
    const bytes = Buffer.from(text)
    const flags = MSG_NOSIGNAL | MSG_DONTWAIT
    if (sendTo(fd, bytes, bytes.length, flags, address, address.length) >= 0) return
    throw new Error(`The manager did not take a notification (errno ${koffi.errno()})`)
  }
}

/** `struct sockaddr_un`; a leading `@` stands for the NUL of an abstract name. */
function addressOf(socket: string): Buffer {
  const path = Buffer.from(socket)
  if (path[0] === 0x40) path[0] = 0
  const family = Buffer.alloc(2)
  family.writeUInt16LE(AF_UNIX)
  return path[0] === 0
    ? Buffer.concat([family, path])
    : Buffer.concat([family, path, Buffer.alloc(1)])
}
