/** What of npm's lock file is looked at here. */
export interface LockFile {
  /** By the folder: `node_modules/a`, `node_modules/a/node_modules/b`. */
  readonly packages: Readonly<Record<string, LockedPackage>>
}

interface LockedPackage {
  readonly dependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>
}

/** The folders of what is installed because of a package, itself left out; with its peers, or without. */
export function installedWith(lock: LockFile, name: string, peers: boolean): ReadonlySet<string> {
  const start = `node_modules/${name}`
  const found = new Set([start])
  for (const folder of found) {
    for (const needed of neededBy(lock.packages[folder] ?? {}, peers)) {
      const place = placeOf(lock, folder, needed)
      if (place !== undefined) found.add(place)
    }
  }
  found.delete(start)
  return found
}

function neededBy(locked: LockedPackage, peers: boolean): string[] {
  const { dependencies, optionalDependencies, peerDependencies = {}, peerDependenciesMeta } = locked
  const wanted = Object.keys(peerDependencies).filter(
    (name) => peerDependenciesMeta?.[name]?.optional !== true,
  )
  return [...Object.keys({ ...dependencies, ...optionalDependencies }), ...(peers ? wanted : [])]
}

/** Where Node.js finds a package from a folder; undefined for an optional one that is not there. */
function placeOf({ packages }: LockFile, from: string, name: string): string | undefined {
  const parts = from === '' ? [''] : ['', ...from.split(/\/(?=node_modules\/)/)]
  for (let depth = parts.length; depth > 0; depth -= 1) {
    const place = [...parts.slice(1, depth), `node_modules/${name}`].join('/')
    if (packages[place]) return place
  }
  return undefined
}
