/** A file of a unit, or of a directory of drop-ins. */
export interface UnitFileEntry {
  readonly bytes: Uint8Array
  /**
   * Nothing is read from it, and it hides what it is named after: it is empty, or a link to `/dev/null`,
   * or, among drop-ins, a link to nowhere or no file at all.
   */
  readonly isMask: boolean
  /** A link to nowhere: as a unit's own file it is as if there were no unit. */
  readonly isDangling?: boolean
  readonly mode?: number
  readonly uid?: number
}

/** All that systemd would read for a unit, as it is on the disk: plain data by path. */
export interface Snapshot {
  /** The strongest first. */
  readonly lookupPath: readonly string[]
  readonly files: ReadonlyMap<string, UnitFileEntry>
  /** Directories that symbolic links lead to elsewhere, and where. */
  readonly links?: ReadonlyMap<string, string>
  /** Names that are links to another unit's name, and that one. */
  readonly aliases?: ReadonlyMap<string, string>
  /** What is there and could not be read, by path, with the reason, e.g. `EACCES`. */
  readonly unreadable?: ReadonlyMap<string, string>
}

/** The snapshot as it would be with these texts in their places; `undefined` takes a file away. */
export function withFiles(
  snapshot: Snapshot,
  changes: readonly { readonly path: string; readonly after?: string }[],
): Snapshot {
  const files = new Map(snapshot.files)
  for (const { path, after } of changes) {
    if (after === undefined) files.delete(path)
    else files.set(path, { bytes: Buffer.from(after), isMask: after === '' })
  }
  return { ...snapshot, files }
}
