/** A file of procfs or cgroupfs that is kept open, as opening costs more than reading. */
export interface KernelFile {
  /** The whole text as it is now. Throws what the kernel answers, e.g. ENODEV for a removed cgroup. */
  readonly read: () => string
  readonly close: () => void
}

/** What a path is, as far as the pressure protocol asks. */
export type FileKind =
  | 'cgroup2'
  | 'procfs'
  | 'fifo'
  | 'character'
  | 'socket'
  | 'directory'
  | 'other'

/** What hears of changes of a file. */
export interface FileListener {
  readonly modified: () => void
  /** The watch has ended by itself. */
  readonly ended: (error: unknown) => void
}

/** The calls to the kernel: the only place where sources touch files. All of them throw errno errors. */
export interface KernelFiles {
  readonly open: (path: string) => KernelFile
  /** Reads a file once, whatever its size. */
  readonly readText: (path: string) => string
  readonly kindOf: (path: string) => FileKind
  /** File-modified events (inotify(7)), until the function that it returns is called. */
  readonly watch: (path: string, listener: FileListener) => () => void
  /**
   * Writes a PSI trigger (Documentation/accounting/psi.rst); it lives until the function that it
   * returns is called. That waits in the kernel for a while, so it happens in the background.
   */
  readonly arm: (path: string, trigger: Uint8Array) => () => void
  /**
   * Opens a FIFO, or connects to an AF_UNIX stream socket, writes the bytes and calls back whenever
   * something arrives, which is discarded.
   */
  readonly listen: (
    path: string,
    kind: 'fifo' | 'character' | 'socket',
    bytes: Uint8Array | undefined,
    listener: FileListener,
  ) => () => void
}
