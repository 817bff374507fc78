import type { ProgramFacts, SystemdFacts, UnitFacts } from '../../src/host/facts.ts'
import { livePath, lookupPath, writePath } from '../../src/host/lookup-path.ts'
import type { UnitFileEntry } from '../../src/host/snapshot.ts'

const USER = { home: '/home/ann', runtime: '/run/user/1000' }
const GIB = 2 ** 30

/** What a host is like, where it is not as most are. */
export interface LiteralHost extends Partial<Omit<SystemdFacts, 'snapshot' | 'units' | 'hook'>> {
  /** Texts by path; null for a link to `/dev/null`. */
  readonly files?: Readonly<Record<string, string | null>>
  readonly links?: Readonly<Record<string, string>>
  readonly unreadable?: Readonly<Record<string, string>>
  readonly units?: readonly (string | UnitFacts)[]
  readonly hook?: ProgramFacts
}

/** The facts of a host that nobody has: for plans. */
export function literalFacts(host: LiteralHost = {}): SystemdFacts {
  const { files = {}, links, unreadable, units = [], ...rest } = host
  const { scope = 'system', persistence = 'persistent', version = 252 } = rest
  return {
    version,
    hierarchy: 'unified',
    scope,
    persistence,
    isOffline: false,
    writePath: writePath(scope, persistence, USER),
    livePath: livePath(scope, USER, version),
    notifySocket: scope === 'system' ? '/run/systemd/notify' : '/run/user/1000/systemd/notify',
    memoryBytes: 8 * GIB,
    swapBytes: 0,
    missing: [],
    ...rest,
    snapshot: {
      lookupPath: lookupPath(scope, USER),
      files: new Map(Object.entries(files).map(([path, text]) => [path, entryOf(text)])),
      ...(links && { links: new Map(Object.entries(links)) }),
      ...(unreadable && { unreadable: new Map(Object.entries(unreadable)) }),
    },
    units: units.map((unit) => (typeof unit === 'string' ? { name: unit, isActive: false } : unit)),
  }
}

function entryOf(text: string | null): UnitFileEntry {
  if (text === null) return { bytes: new Uint8Array(), isMask: true }
  return { bytes: Buffer.from(text), isMask: text === '', mode: 0o644, uid: 0 }
}
