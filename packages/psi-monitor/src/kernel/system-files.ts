import {
  close,
  closeSync,
  constants,
  openSync,
  readFileSync,
  readSync,
  statfsSync,
  statSync,
  watch,
  writeSync,
} from 'node:fs'
import { connect, Socket } from 'node:net'
import { join } from 'node:path'
import type { FileKind, FileListener, KernelFile, KernelFiles } from './kernel-files.ts'

/** The largest of the files that are kept open is `memory.stat`, of 2 KiB or so. */
const BUFFER_BYTES = 16_384
/** `f_type` of statfs(2). */
const CGROUP2_SUPER_MAGIC = 0x63677270
const PROC_SUPER_MAGIC = 0x9fa0

/** The real kernel's files. `root` stands before every path: `/`, or where a host's root is mounted. */
export function systemFiles(root = '/'): KernelFiles {
  const at = (path: string) => (root === '/' ? path : join(root, path))
  return {
    open: (path) => openFile(at(path)),
    readText: (path) => readFileSync(at(path), 'utf8'),
    kindOf: (path) => kindOf(at(path)),
    watch: (path, listener) => watchFile(at(path), listener),
    arm: (path, trigger) => arm(at(path), trigger),
    listen: (path, kind, bytes, listener) => listen(at(path), kind, bytes, listener),
  }
}

/** One for all: each text is taken out before the next file is read. */
const buffer = Buffer.allocUnsafe(BUFFER_BYTES)

function openFile(path: string): KernelFile {
  const fd = openSync(path, 'r')
  return {
    read: () => buffer.toString('latin1', 0, readSync(fd, buffer, 0, BUFFER_BYTES, 0)),
    close: () => closeSync(fd),
  }
}

function kindOf(path: string): FileKind {
  const stat = statSync(path)
  if (stat.isFIFO()) return 'fifo'
  if (stat.isCharacterDevice()) return 'character'
  if (stat.isSocket()) return 'socket'
  if (stat.isDirectory()) return 'directory'
  const { type } = statfsSync(path)
  if (type === CGROUP2_SUPER_MAGIC) return 'cgroup2'
  return type === PROC_SUPER_MAGIC ? 'procfs' : 'other'
}

function watchFile(path: string, { modified, ended }: FileListener): () => void {
  const watcher = watch(path, { persistent: false }, (event) => {
    if (event === 'change') modified()
  })
  watcher.on('error', ended)
  return () => watcher.close()
}

function arm(path: string, trigger: Uint8Array): () => void {
  const fd = openSync(path, constants.O_RDWR | constants.O_NONBLOCK)
  try {
    writeSync(fd, trigger)
  } catch (error) {
    closeSync(fd)
    throw error
  }
  // What it would report is of no use to anybody any more.
  return () => close(fd, () => {})
}

function listen(
  path: string,
  kind: 'fifo' | 'character' | 'socket',
  bytes: Uint8Array | undefined,
  { modified, ended }: FileListener,
): () => void {
  const socket = kind === 'socket' ? connect(path) : openStream(path, bytes)
  if (kind === 'socket' && bytes) socket.write(bytes)
  socket.on('data', modified)
  socket.on('error', ended)
  socket.on('end', () => ended(new Error('the other side has closed it')))
  socket.unref()
  return () =>
    socket
      .removeAllListeners('end')
      .on('error', () => {})
      .destroy()
}

/** Opened for writing too, a FIFO does not end when its last other writer closes it. */
function openStream(path: string, bytes: Uint8Array | undefined): Socket {
  const fd = openSync(path, constants.O_RDWR | constants.O_NONBLOCK)
  try {
    if (bytes) writeSync(fd, bytes)
    return new Socket({ fd })
  } catch (error) {
    closeSync(fd)
    throw error
  }
}
