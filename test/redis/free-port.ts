import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:net'

/** How far above its own port a cluster node listens for the other nodes. */
const BUS_OFFSET = 10_000

// Below the ports that the kernel hands to clients, so that no connection takes one that is meant for
// a server, also while that server is down.
const FIRST = 10_000
const LAST = 21_999
const ATTEMPTS = 200

/**
 * A port of 127.0.0.1 that is free, and, for a node of a cluster, so is the one of its bus. It belongs
 * to this process until its end: no other test process is given it while its server is down.
 */
export async function freePort({ bus = false }: { readonly bus?: boolean } = {}): Promise<number> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const port = randomInt(FIRST, LAST + 1)
    if ((await claim(port)) && (!bus || (await isFree(port + BUS_OFFSET)))) return port
  }
  throw new Error(`no free port between ${FIRST} and ${LAST}`)
}

/** Where there is a second loopback address, a listener on it tells the others that the port is taken. */
async function claim(port: number): Promise<boolean> {
  if (!(await isFree(port))) return false
  const guard = createServer().unref()
  guard.listen({ port, host: '127.0.0.2', exclusive: true })
  try {
    await once(guard, 'listening')
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EADDRNOTAVAIL'
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer()
  server.listen({ port, host: '127.0.0.1', exclusive: true })
  try {
    await once(server, 'listening')
  } catch {
    return false
  }
  server.close()
  await once(server, 'close')
  return true
}
