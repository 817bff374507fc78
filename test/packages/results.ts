/** How one check of one package ended. */
export interface Check {
  /** The package's name, or `README.md` for the project's own page. */
  readonly package: string
  readonly check: string
  /** null when it cannot be made on this machine. */
  readonly ok: boolean | null
  /** What was seen, or what failed, or why it was not made. */
  readonly detail: string
}

/** What was seen on one version of Node.js. */
export interface NodeResult {
  /** As it was asked for. */
  readonly node: string
  /** As it calls itself; null when it could not be had. */
  readonly version: string | null
  readonly checks: readonly Check[]
}

/** What a package weighs. */
export interface PackageFigures {
  readonly package: string
  readonly tarballBytes: number
  readonly unpackedBytes: number
  /** Its main entry as one minified file, peers left out; null for a package without one. */
  readonly bundleBytes: number | null
  readonly bundleGzipBytes: number | null
  /** How many packages npm installs because of it; with its peers and theirs. */
  readonly dependencies: number
  readonly dependenciesWithPeers: number
}

/** Whether every check that could be made passed, and one did on each version. */
export function allPassed(nodes: readonly NodeResult[]): boolean {
  return nodes.every(
    ({ checks }) => checks.some(({ ok }) => ok) && checks.every(({ ok }) => ok !== false),
  )
}

/** The table for people. */
export function resultTable(
  figures: readonly PackageFigures[],
  nodes: readonly NodeResult[],
): { head: string[]; rows: string[][] } {
  const sizes = ['tarball', 'unpacked', 'bundle', 'gzipped', 'dependencies', 'with peers']
  const versions = nodes.map(({ node, version }) => `Node.js ${version?.slice(1) ?? node}`)
  const names = new Set([
    ...figures.map((each) => each.package),
    ...nodes.flatMap(({ checks }) => checks.map((each) => each.package)),
  ])
  return {
    head: ['package', ...sizes, ...versions],
    rows: [...names].map((name) => [
      name,
      ...weights(figures.find((each) => each.package === name)),
      ...nodes.map((node) => verdict(node, name)),
    ]),
  }
}

function weights(figures: PackageFigures | undefined): string[] {
  if (figures === undefined) return Array.from({ length: 6 }, () => '-')
  const { tarballBytes, unpackedBytes, bundleBytes, bundleGzipBytes } = figures
  const bytes = [tarballBytes, unpackedBytes, bundleBytes, bundleGzipBytes]
  return [
    ...bytes.map((each) => (each === null ? '-' : `${(each / 1000).toFixed(1)} kB`)),
    String(figures.dependencies),
    String(figures.dependenciesWithPeers),
  ]
}

function verdict({ checks }: NodeResult, name: string): string {
  const own = checks.filter((each) => each.package === name)
  if (own.length === 0) return '-'
  return own.every(({ ok }) => ok !== false) ? 'ok' : 'FAILED'
}
